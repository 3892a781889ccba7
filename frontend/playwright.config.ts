/** Tests in a real browser against the real server. */
import { defineConfig, devices } from '@playwright/test';

const isCi = process.env.CI !== undefined;

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/e2e',
  fullyParallel: false,
  workers: 2,
  // Long enough for a machine that does other things as well.
  timeout: 150_000,
  expect: { timeout: 15_000 },
  forbidOnly: isCi,
  reporter: [['list']],
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    colorScheme: 'light',
    viewport: { width: 1100, height: 760 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
  projects: [
    { name: 'desktop', testIgnore: ['**/phone.spec.ts', '**/shots.spec.ts'] },
    {
      name: 'phone',
      testMatch: '**/phone.spec.ts',
      use: { ...devices['Pixel 7'], viewport: { width: 360, height: 720 }, locale: 'en-GB' },
    },
    // Pictures for the documentation: only when asked for by name.
    ...(process.env.SHOTS ? [{ name: 'shots', testMatch: '**/shots.spec.ts' }] : []),
  ],
});
