/** Unit tests: the rules of the client, without a browser. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['tests/unit/**/*.test.{ts,tsx}'], environment: 'node', passWithNoTests: true },
});
