// Takes out numbers that pass as those of payment cards.

import { mark } from './marker.ts';

const candidate = /(?<![\w.-])(?:(?:\d{4}[ -]){3}\d{1,7}|3\d{3}[ -]\d{6}[ -]\d{5}|\d{13,19})(?![\w-]|\.\d)/g;

export const cardNumbers = (text: string): string =>
  text.replace(candidate, (found) =>
    isCardNumber(found.replace(/[ -]/g, '')) ? mark('card number') : found,
  );

/** By the first digit (0, 1, 7, 8, 9 are not those of cards, and times begin with 1) and Luhn's sum. */
function isCardNumber(digits: string): boolean {
  return digits.length >= 13 && /^[2-6]/.test(digits) && luhnSum(digits) % 10 === 0;
}

function luhnSum(digits: string): number {
  return Array.from(digits, Number)
    .toReversed()
    .map((digit, place) => (place % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)))
    .reduce((sum, digit) => sum + digit, 0);
}
