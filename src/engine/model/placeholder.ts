// A value that a person must fill in: written `<uid>` wherever it stands.

export type Placeholder = { readonly fillIn: string };

export const isPlaceholder = (value: unknown): value is Placeholder =>
  typeof value === 'object' && value !== null && 'fillIn' in value;

export const placeholderText = ({ fillIn }: Placeholder): string => `<${fillIn}>`;
