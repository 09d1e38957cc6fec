import { describe, expect, test } from '@jest/globals';
import { parseConfig } from './image-config.ts';

function parse(value: unknown): ReturnType<typeof parseConfig> {
  return parseConfig(Buffer.from(JSON.stringify(value)), 'it');
}

describe('parseConfig', () => {
  test('takes what decides about users, and of the environment two variables only', () => {
    const { config } = parse({
      os: 'linux',
      architecture: 'amd64',
      config: {
        User: 'app:app',
        WorkingDir: '/srv',
        Volumes: { '/data': {} },
        ExposedPorts: { '80/tcp': {} },
        Entrypoint: ['/run'],
        Cmd: null,
        Env: ['PATH=/bin', 'SECRET=hunter2', 'HOME=/a', 'HOME=/b'],
      },
    });
    expect(config).toEqual({
      os: 'linux',
      architecture: 'amd64',
      user: 'app:app',
      workingDir: '/srv',
      volumes: ['/data'],
      exposedPorts: ['80/tcp'],
      entrypoint: ['/run'],
      cmd: [],
      home: '/b',
      path: '/bin',
    });
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });

  test('reads names of fields as the runtimes do, without regard to case, the last one counting', () => {
    expect(parse({ Config: { user: 'a', USER: 'b' } }).config.user).toBe('b');
  });

  test('has an empty user where there is none', () => {
    expect(parse({}).config.user).toBe('');
    expect(parse({ config: null }).config.user).toBe('');
  });

  test.each([
    [[]],
    ['text'],
    [{ config: [] }],
    [{ config: { User: 1000 } }],
    [{ config: { Cmd: 'sh' } }],
    [{ config: { Env: [1] } }],
    [{ config: { Volumes: [] } }],
    [{ rootfs: { diff_ids: ['nonsense'] } }],
  ])('refuses %j, as the runtimes do', (value) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'badAnswer' }));
  });
});
