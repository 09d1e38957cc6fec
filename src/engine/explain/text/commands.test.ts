// Commands as people paste them: every prompt, tool and spelling of a flag.

import { describe, expect, test } from '@jest/globals';

import { commandsIn } from './commands.ts';

const named = (line: string) => {
  const [command] = commandsIn([line]);
  if (!command) return undefined;
  const { at: _at, verb: _verb, ...rest } = command;
  return rest;
};

describe('names what it is about', () => {
  const all = { pod: 'web-0', container: 'app', namespace: 'shop' };
  test.each([
    '$ kubectl logs web-0 -c app -n shop',
    'kubectl -n shop logs web-0 app',
    'oc logs --namespace=shop -f web-0 --container app',
    '[me@host ~]$ kc logs -nshop pod/web-0 -c=app --previous',
    'root@host:~# k logs po/web-0 -c app --namespace shop --tail 50',
    'PS C:\\Users\\me> kubectl.exe logs web-0 -c app -n shop',
    '➜  ~ sudo kubectl logs web-0 -c app -n shop | tail -5',
    'I ran `kubectl logs web-0 -c app -n shop` and got',
    '利用者@端末 % kubectl logs web-0 -c app -n shop 2>&1',
  ])('%s', (line) => {
    expect(named(line)).toEqual(all);
  });

  test.each([
    [
      'kubectl describe deploy web -n shop',
      { workload: { kind: 'Deployment', name: 'web' }, namespace: 'shop' },
    ],
    ['kubectl logs sts/db', { workload: { kind: 'StatefulSet', name: 'db' } }],
    ['kubectl get pods -n shop', { namespace: 'shop' }],
    ['kubectl get pod web-0 -o yaml', { pod: 'web-0' }],
    ['kubectl logs -l app=web', {}],
    ['kubectl logs <pod> -c APP', {}],
  ])('%s', (line, names) => {
    expect(named(line)).toEqual(names);
  });
});

test.each([
  'use kubectl apply -f x.yaml',
  'the book logs web-0',
  'task k describes logs',
  'rollback: k done',
])('is not seen in %j', (line) => {
  expect(named(line)).toBeUndefined();
});
