// Reads a small file of an image whole, such as /etc/passwd, and says where it was found.

import type { InquiryStep } from '../../model/image.ts';
import { findPath } from './image-path.ts';
import type { FoundPath, Image } from './image-path.ts';
import { shown } from './shown.ts';
import { map } from './join-inquiries.ts';

export type ImageFile =
  | {
      readonly is: 'read';
      readonly content: Uint8Array;
      /** Where line `line` of it stands: path after links, layer, and the link if there was one. */
      readonly place: (line: number) => string;
    }
  | { readonly is: 'missing'; readonly because: string }
  /** A runtime that wants to read it fails. */
  | { readonly is: 'broken'; readonly because: string }
  /** It may be read by others, but it has not been by us. */
  | { readonly is: 'unclear'; readonly because: string };

export function readFile(image: Image, path: string): InquiryStep<ImageFile> {
  return map(findPath(image, path), (found) => opened(path, found));
}

function opened(path: string, found: FoundPath): ImageFile {
  switch (found.is) {
    case 'missing': {
      const through = found.path === path ? '' : `, since ${shown(found.path)} is not there`;
      return { is: 'missing', because: `the image has no ${path}${through}` };
    }
    case 'directory':
      return { is: 'broken', because: `${path} is a directory` };
    case 'file':
      return contentOf(path, found);
    case 'broken':
    case 'unclear':
      return found;
  }
  return found satisfies never;
}

function contentOf(asked: string, found: Extract<FoundPath, { is: 'file' }>): ImageFile {
  const { entry, digest, path, links } = found;
  if (entry.is === 'other') return { is: 'unclear', because: `${asked} is not a regular file` };
  const { content, sizeBytes } = entry;
  if (content === undefined || content.length < sizeBytes)
    return { is: 'unclear', because: `${asked} has ${sizeBytes} bytes, which is more than is read of it` };
  const link = links.length === 0 ? '' : `, where ${asked} leads,`;
  return {
    is: 'read',
    content,
    place: (line) => `${shown(path)} line ${line} of layer ${shown(digest)}${link}`,
  };
}
