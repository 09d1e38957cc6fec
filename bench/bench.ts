// How fast the hot paths are, each as a ratio to a baseline that is measured in the same run on the same machine, so
// that the numbers mean the same everywhere: `npm run bench`. Exit code 1 when a ratio passes its limit.

import { containerFailurePhrases, crashPhrases } from '../src/engine/messages/search-phrases.ts';
import { diagnose } from '../src/engine/diagnose/diagnose.ts';
import { parseKubeletMessage } from '../src/engine/messages/kubelet/kubelet-message.ts';
import { ByteBuffer } from '../src/kube/list/byte-buffer.ts';
import { objectLimitBytes, PageReader } from '../src/kube/list/page-reader.ts';
import { readEvent } from '../src/kube/watch/watch-lines.ts';
import { barePod, container, snapshot } from '../test/snapshot.ts';
import { compare, report } from './compare.ts';
import type { Comparison } from './compare.ts';
import { healthyPod, refusal, refusedPod } from './pods.ts';

const needles = [...containerFailurePhrases, ...crashPhrases];
const podsPerPage = 100;
const podsInVerdict = 100;
const hostileBytes = 1 << 20;
const parts = 64;

const comparisons: readonly Comparison[] = [
  page('a page of healthy pods', false, 0.4),
  page('a page with one refused pod', true, 1.1),
  watchLine(),
  verdict(),
  longMessage(),
];
process.exitCode = report(comparisons.map(compare));

/** The byte search and what it saves, against parsing every page. */
function page(name: string, hasRefused: boolean, limit: number): Comparison {
  const items = Array.from({ length: podsPerPage }, (_, index) => healthyPod(index));
  if (hasRefused) items[podsPerPage / 2] = refusedPod(podsPerPage / 2);
  const window = new ByteBuffer(objectLimitBytes);
  const metadata = { resourceVersion: '4711', continue: 'more' };
  const bytes = Buffer.from(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items }));
  return {
    name: `${name} (${Math.round(bytes.length / podsPerPage / 1024)} KB each), against JSON.parse`,
    limit,
    candidate: () => {
      const reader = new PageReader({ needles, onSkipped: () => {}, window });
      return [...reader.push(bytes), ...reader.finish()];
    },
    baseline: () => void JSON.parse(bytes.toString('utf8')),
  };
}

function watchLine(): Comparison {
  const line = Buffer.from(JSON.stringify({ type: 'MODIFIED', object: healthyPod(1) }));
  return {
    name: 'a watch event of a healthy pod, against JSON.parse',
    limit: 0.6,
    candidate: () => readEvent(line, needles),
    baseline: () => void JSON.parse(line.toString('utf8')),
  };
}

/** What it takes to decide, against what it takes to read the same facts from text. */
function verdict(): Comparison {
  let built = snapshot().of(barePod('web'));
  for (let index = 0; index < podsInVerdict; index += 1)
    built = built.pod(
      (pod) => pod.with(container('app').waiting(refusal(`web-${index}`, 'x'))),
      `web-${index}`,
    );
  const facts = built.build();
  const text = JSON.stringify(facts);
  return {
    name: `a verdict on ${podsInVerdict} refused pods, against JSON.parse of their snapshot`,
    limit: 25,
    candidate: () => diagnose(facts),
    baseline: () => void JSON.parse(text),
  };
}

/** A message of 1 MiB may not cost more than as many bytes in small messages: the parser never goes back. */
function longMessage(): Comparison {
  const opening = 'container has runAsNonRoot and image has non-numeric user (';
  const long = opening + '(pod: "a_b(c)", container: '.repeat(hostileBytes / 27);
  const short = long.slice(0, long.length / parts);
  return {
    name: `a hostile message of 1 MiB, against ${parts} of its size in all`,
    limit: 4,
    candidate: () => parseKubeletMessage(long),
    baseline: () => {
      for (let part = 0; part < parts; part += 1) parseKubeletMessage(short);
    },
  };
}
