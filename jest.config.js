// Runs the TypeScript tests as ES modules; types are stripped, not compiled, exactly as Node itself does.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/e2e/'],
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/test/fixed-seed.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.js' },
  maxWorkers: 2,
  testTimeout: 30_000,
};
