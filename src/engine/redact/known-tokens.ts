// Takes out tokens that show by their beginning whose they are, also when their end was cut off.

import { mark, type SecretKind } from './marker.ts';

const tokens: readonly (readonly [RegExp, SecretKind])[] = [
  [/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}/g, 'token'], // JWT, and any JSON in base64
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,}/g, 'credentials'], // AWS
  [/(?<![A-Za-z0-9])(?:gh[oprsu]_|github_pat_)[A-Za-z0-9_]{6,}/g, 'token'],
  [/(?<![A-Za-z0-9])gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-[A-Za-z0-9_.=-]{6,}/g, 'token'],
  [
    /(?<![A-Za-z0-9])xox[a-z]?(?:\.xox[a-z])?-[A-Za-z0-9-]{6,}|(?<![A-Za-z0-9])xapp-[A-Za-z0-9-]{6,}/g,
    'token',
  ],
  [/(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9/_-]+/g, 'token'],
  [/(?<![A-Za-z0-9])(?:[spr]k_(?:live|test|prod)|whsec)_[A-Za-z0-9+/=]{6,}/g, 'token'], // Stripe
  [/(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{16,}/g, 'token'], // OpenAI and its like
  [/(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{12,}/g, 'token'], // Google
  [/(?<![A-Za-z0-9])ya29\.[A-Za-z0-9_-]{6,}/g, 'token'],
  [/(?<![A-Za-z0-9])GOCSPX-[A-Za-z0-9_-]{6,}/g, 'secret'],
  [/(?<![A-Za-z0-9])npm_[A-Za-z0-9]{12,}/g, 'token'],
  [/(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{12,}/g, 'token'],
  [/(?<![A-Za-z0-9])dckr_(?:pat|oat)_[A-Za-z0-9_-]{6,}/g, 'token'],
  [
    /(?<![A-Za-z0-9])(?:do[opr]_v1_|hf_|shp(?:at|ca|pa|ss)_|glsa_|lin_api_|rubygems_|sbp_)[A-Za-z0-9_]{12,}/g,
    'token',
  ],
  [/(?<![A-Za-z0-9])hv[sbr]\.[A-Za-z0-9_-]{12,}/g, 'token'], // Vault
  [/(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{12,}(?:\.[A-Za-z0-9_-]+)?/g, 'token'], // SendGrid
  [/(?<![A-Za-z0-9])key-[0-9a-f]{24,}/g, 'token'], // Mailgun
  [/(?<![A-Za-z0-9])(?:AC|SK)[0-9a-f]{32}/g, 'token'], // Twilio
  [/(?<![0-9A-Za-z])\d{8,10}:AA[A-Za-z0-9_-]{20,}/g, 'token'], // Telegram
  [/AGE-SECRET-KEY-1[A-Z0-9]{6,}/g, 'private key'],
];

export const knownTokens = (text: string): string =>
  tokens.reduce((rest, [pattern, kind]) => rest.replace(pattern, mark(kind)), text);
