/** Every look of the button, for comparing. */

import { ChatButton, type ChatButtonProps } from '../src/react';

const VARIANTS = ['primary', 'secondary', 'outline', 'success', 'dark', 'text'] as const;
const SIZES: NonNullable<ChatButtonProps['size']>[] = ['small', 'normal', 'large'];
const USER = { id: 1, username: 'alice_dev', full_name: 'Alice Dev' };

export default function GalleryPage() {
  return (
    <main className="demo-page">
      <h1>Gallery</h1>
      <section className="demo-section">
        <h2>Variants and sizes</h2>
        <div className="demo-gallery">
          {VARIANTS.map((variant) => (
            <div key={variant} className="demo-gallery-row">
              <code>{variant}</code>
              {SIZES.map((size) => (
                <ChatButton key={size} user={USER} variant={variant} size={size} buttonText={size} />
              ))}
            </div>
          ))}
        </div>
      </section>
      <section className="demo-section">
        <h2>Nobody to write to</h2>
        <ChatButton variant="primary" />
      </section>
      <section className="demo-section">
        <h2>Own colours</h2>
        <p className="demo-muted">
          The same window with other values of <code>--chat-*</code>.
        </p>
        <ChatButton user={USER} className="demo-custom" buttonText="Custom" />
      </section>
    </main>
  );
}
