// Contract: creating, applying, patching, deleting, and what is refused.

import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './contract-api.ts';
import { succeeded, type Cluster, type ContractCase } from './contract.ts';
import * as make from './contract-objects.ts';
import { asList, asText, asFields, at, type Fields, type Json } from './object.ts';

const { applyDiagnosis, create, faultyFields, refusalIn, versionOf } = make;
const asStatus = { part: '/status' } as const;

export const writeCases: readonly ContractCase[] = [
  {
    name: 'a created object gets a uid, a time, a version and generation 1, and no status of its own',
    run: async (cluster, expect) => {
      const { status } = make.statusOf('made');
      const made = await create(cluster, 'diagnoses', make.diagnosis('made', { status }));
      expect(made.code).toBe(201);
      expect(at(made.body, 'metadata')).toMatchObject({
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        generation: 1,
      });
      expect(made.body).not.toHaveProperty('status');
    },
  },
  {
    name: 'what exists cannot be created again',
    run: async (cluster, expect) => {
      await create(cluster, 'leases', make.lease('twice'));
      const again = await cluster.send('POST', cluster.path('leases'), make.lease('twice'));
      expect(refusalIn(again)).toEqual({ code: 409, reason: 'AlreadyExists' });
    },
  },
  {
    name: 'nothing can be created in a namespace that does not exist',
    run: async ({ send }, expect) => {
      const answer = await send(
        'POST',
        '/api/v1/namespaces/no-such-one/events',
        make.event('e', 'no-such-one', 'x', 'y'),
      );
      expect(refusalIn(answer)).toEqual({ code: 404, reason: 'NotFound' });
      expect(at(answer.body, 'details')).toEqual({ name: 'no-such-one', kind: 'namespaces' });
    },
  },
  {
    name: 'an Event must be about an object of its own namespace, and may be given a name by the server',
    run: async (cluster, expect) => {
      const foreign = await cluster.send(
        'POST',
        cluster.path('events'),
        make.event('foreign', 'elsewhere', 'x', 'y'),
      );
      expect(refusalIn(foreign)).toEqual({ code: 422, reason: 'Invalid' });
      expect(faultyFields(foreign)).toEqual(['involvedObject.namespace']);
      const nameless = {
        ...make.event('', cluster.namespace, 'x', 'y'),
        metadata: { generateName: 'made.' },
      };
      const made = await create(cluster, 'events', nameless);
      expect(asText(at(made.body, 'metadata', 'name'))).toMatch(/^made\..{5}$/);
    },
  },
  {
    name: 'an apply creates what is absent, and one that changes nothing writes nothing',
    run: async (cluster, expect) => {
      const first = await applyDiagnosis(cluster, make.diagnosis('quiet'));
      const second = await applyDiagnosis(cluster, make.diagnosis('quiet'));
      expect([first.code, second.code]).toEqual([201, 200]);
      expect(second.body).toEqual(first.body);
      expect(managers(first)).toMatchObject([
        { manager: 'rootcause', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:workloadRef': {} } } },
      ]);
    },
  },
  {
    name: 'a field that its manager applies no longer is taken away; a change of spec counts a generation',
    run: async (cluster, expect) => {
      const approved = { spec: { ...asFields(make.diagnosis('less')['spec']), approvedFix: 'sha256:1' } };
      await applyDiagnosis(cluster, make.diagnosis('less', approved));
      const { body } = await applyDiagnosis(cluster, make.diagnosis('less'));
      expect(at(body, 'spec')).toEqual(make.diagnosis('less')['spec']);
      expect(at(body, 'metadata', 'generation')).toBe(2);
    },
  },
  {
    name: "another manager's field stays as it is, unless forced",
    run: async (cluster, expect) => {
      await applyDiagnosis(cluster, make.diagnosis('theirs'));
      succeeded(await applyDiagnosis(cluster, approving('sha256:1'), { manager: 'person' }));
      const refused = await applyDiagnosis(cluster, approving('sha256:2'), {
        manager: 'robot',
        force: false,
      });
      expect(refusalIn(refused)).toEqual({ code: 409, reason: 'Conflict' });
      expect(at(refused.body, 'details', 'causes')).toEqual([
        { reason: 'FieldManagerConflict', message: 'conflict with "person"', field: '.spec.approvedFix' },
      ]);
      expect(at((await applyDiagnosis(cluster, make.diagnosis('theirs'))).body, 'spec', 'approvedFix')).toBe(
        'sha256:1',
      );
      const forced = await applyDiagnosis(cluster, approving('sha256:2'), { manager: 'robot' });
      expect(at(forced.body, 'spec', 'approvedFix')).toBe('sha256:2');
      // The newer entry stands last: which one that is depends on the second.
      expect(
        managers(forced)
          .map((entry) => asText(at(entry, 'manager')))
          .toSorted(),
      ).toEqual(['robot', 'rootcause']);
    },
  },
  {
    name: 'a field that a person patched in belongs to the patch and survives the next apply',
    run: async (cluster, expect) => {
      await applyDiagnosis(cluster, make.diagnosis('patched'));
      const path = `${cluster.path('diagnoses', 'patched')}?fieldManager=kubectl-edit`;
      const patched = await cluster.send(
        'PATCH',
        path,
        { spec: { approvedFix: 'sha256:1' } },
        make.mergeType,
      );
      expect(managers(patched)).toContainEqual(
        expect.objectContaining({
          manager: 'kubectl-edit',
          operation: 'Update',
          fieldsV1: { 'f:spec': { 'f:approvedFix': {} } },
        }),
      );
      const { body } = await applyDiagnosis(cluster, make.diagnosis('patched'));
      expect(at(body, 'spec', 'approvedFix')).toBe('sha256:1');
      expect(versionOf({ ...patched, body })).toBe(versionOf(patched));
    },
  },
  {
    name: 'an apply is refused without a manager, with undeclared fields, of wrong types, or over a newer version',
    run: async (cluster, expect) => {
      const { send, path } = cluster;
      const nameless = await send('PATCH', path('diagnoses', 'odd'), make.diagnosis('odd'), make.applyType);
      expect(refusalIn(nameless)).toEqual({ code: 422, reason: 'Invalid' });
      const undeclared = await applyDiagnosis(cluster, make.diagnosis('odd', { spec: { typo: 1 } }));
      expect(undeclared.code).toBe(500);
      expect(undeclared.text).toContain('.spec.typo: field not declared in schema');
      const mistyped = await applyDiagnosis(cluster, make.diagnosis('odd', { spec: { approvedFix: 5 } }));
      expect(mistyped.code).toBe(500);
      expect(mistyped.text).toContain('.spec.approvedFix: expected string');
      await applyDiagnosis(cluster, make.diagnosis('odd'));
      const stale = await applyDiagnosis(cluster, {
        ...make.diagnosis('odd'),
        metadata: { name: 'odd', resourceVersion: '1' },
      });
      expect(refusalIn(stale)).toEqual({ code: 409, reason: 'Conflict' });
    },
  },
  {
    name: 'the body of an apply must have the name of its path',
    run: async ({ send, path }, expect) => {
      const answer = await send(
        'PATCH',
        `${path('diagnoses', 'one')}?fieldManager=x`,
        make.diagnosis('two'),
        make.applyType,
      );
      expect(refusalIn(answer)).toEqual({ code: 400, reason: 'BadRequest' });
    },
  },
  {
    name: 'the status endpoint takes the status only, and what is missing it does not create',
    run: async (cluster, expect) => {
      const missing = await applyDiagnosis(cluster, make.statusOf('half'), asStatus);
      expect(refusalIn(missing)).toEqual({ code: 404, reason: 'NotFound' });
      await applyDiagnosis(cluster, make.diagnosis('half'));
      const both: Fields = { ...make.statusOf('half'), spec: { approvedFix: 'sha256:1' } };
      const { body } = succeeded(await applyDiagnosis(cluster, both, asStatus));
      expect(at(body, 'status')).toEqual(both['status']);
      expect(at(body, 'spec')).toEqual(make.diagnosis('half')['spec']);
      expect(at(body, 'metadata', 'generation')).toBe(1);
    },
  },
  {
    name: 'the other endpoint takes everything but the status',
    run: async (cluster, expect) => {
      await applyDiagnosis(cluster, make.diagnosis('main'));
      await applyDiagnosis(cluster, make.statusOf('main'), asStatus);
      const resolved: Fields = { ...make.diagnosis('main'), status: { state: 'Resolved' } };
      expect(at((await applyDiagnosis(cluster, resolved)).body, 'status', 'state')).toBe('Failing');
      const patched = await cluster.send(
        'PATCH',
        cluster.path('diagnoses', 'main'),
        resolved,
        make.mergeType,
      );
      expect(at(patched.body, 'status', 'state')).toBe('Failing');
    },
  },
  {
    name: 'a status that changes nothing writes nothing, one without a field removes it, and conditions merge by type',
    run: async (cluster, expect) => {
      await applyDiagnosis(cluster, make.diagnosis('status'));
      const full = make.statusOf('status', { ownerIncomplete: true });
      const first = await applyDiagnosis(cluster, full, asStatus);
      expect(versionOf(await applyDiagnosis(cluster, full, asStatus))).toBe(versionOf(first));
      const theirs = {
        ...make.statusOf('status'),
        status: { conditions: [make.condition('ImageInspected')] },
      };
      succeeded(await applyDiagnosis(cluster, theirs, { ...asStatus, manager: 'other' }));
      const { body } = await applyDiagnosis(cluster, make.statusOf('status'), asStatus);
      expect(at(body, 'status', 'ownerIncomplete')).toBeUndefined();
      const types = asList(at(body, 'status', 'conditions')).map((condition) => at(condition, 'type'));
      expect(types).toEqual(['Diagnosed', 'ImageInspected']);
    },
  },
  {
    name: 'a status against the schema is refused, with every fault by its path',
    run: async (cluster, expect) => {
      await applyDiagnosis(cluster, make.diagnosis('faulty'));
      const faulty = make.statusOf('faulty', {
        state: 'Odd',
        cause: undefined,
        summary: 'x'.repeat(100_000),
      });
      const answer = await applyDiagnosis(cluster, faulty, asStatus);
      expect(refusalIn(answer)).toEqual({ code: 422, reason: 'Invalid' });
      expect(faultyFields(answer).map(asText).toSorted()).toEqual([
        '<nil>',
        'status.cause',
        'status.state',
        'status.summary',
      ]);
      expect(reasonsOf(answer)).toEqual([
        'FieldValueInvalid',
        'FieldValueNotSupported',
        'FieldValueRequired',
        'FieldValueTooLong',
      ]);
    },
  },
  {
    name: "the CRD's own rules hold: a workload never changes, and what is resolved says when",
    run: async (cluster, expect) => {
      await applyDiagnosis(cluster, make.diagnosis('rules'));
      const moved = make.diagnosis('rules', {
        spec: { workloadRef: { apiVersion: 'v1', kind: 'Pod', name: 'x' } },
      });
      const refused = await applyDiagnosis(cluster, moved);
      expect(refusalIn(refused)).toEqual({ code: 422, reason: 'Invalid' });
      expect(faultyFields(refused)).toEqual(['spec.workloadRef']);
      const timeless = await applyDiagnosis(cluster, make.statusOf('rules', { state: 'Resolved' }), asStatus);
      expect(faultyFields(timeless)).toEqual(['status']);
      const many = make.statusOf('rules', { pods: { failing: 3, total: 2, summary: '3/2' } });
      expect(faultyFields(await applyDiagnosis(cluster, many, asStatus))).toEqual(['status.pods']);
    },
  },
  {
    name: 'a merge patch deletes with null, and an unknown field is dropped with a warning',
    run: async (cluster, expect) => {
      const approved = { spec: { ...asFields(make.diagnosis('merge')['spec']), approvedFix: 'sha256:1' } };
      await create(cluster, 'diagnoses', make.diagnosis('merge', approved));
      const patch = { spec: { approvedFix: null, typo: 1 } };
      const answer = await cluster.send('PATCH', cluster.path('diagnoses', 'merge'), patch, make.mergeType);
      expect(at(answer.body, 'spec')).toEqual(make.diagnosis('merge')['spec']);
      expect(answer.header('warning')).toContain('unknown field');
    },
  },
  {
    name: 'a patch over a newer version, of nothing, or of broken JSON is refused',
    run: async (cluster, expect) => {
      const { send, path } = cluster;
      await create(cluster, 'leases', make.lease('stale'));
      const stale = await send(
        'PATCH',
        path('leases', 'stale'),
        { metadata: { resourceVersion: '1' } },
        make.mergeType,
      );
      expect(refusalIn(stale)).toEqual({ code: 409, reason: 'Conflict' });
      const missing = await send('PATCH', path('leases', 'absent'), { spec: {} }, make.mergeType);
      expect(refusalIn(missing)).toEqual({ code: 404, reason: 'NotFound' });
      const broken = await send('PATCH', path('leases', 'stale'), '{', make.mergeType);
      expect(refusalIn(broken)).toEqual({ code: 400, reason: 'BadRequest' });
    },
  },
  {
    name: 'a strategic merge patch merges containers by name, and is not for custom kinds',
    run: async (cluster, expect) => {
      const { send, path } = cluster;
      await create(cluster, 'deployments', make.deployment('strategic'));
      const containers = [{ name: 'app', securityContext: { runAsUser: 10001 } }];
      const patch = { spec: { template: { spec: { containers } } } };
      const { body } = await send('PATCH', path('deployments', 'strategic'), patch, make.strategicType);
      expect(asList(at(body, 'spec', 'template', 'spec', 'containers'))).toMatchObject([
        { name: 'app', image: 'registry.example/app:1', securityContext: { runAsUser: 10001 } },
        { name: 'proxy', image: 'registry.example/proxy:1' },
      ]);
      expect(at(body, 'metadata', 'generation')).toBe(2);
      const gone = { spec: { template: { spec: { containers: [{ name: 'proxy', $patch: 'delete' }] } } } };
      const after = await send('PATCH', path('deployments', 'strategic'), gone, make.strategicType);
      expect(asList(at(after.body, 'spec', 'template', 'spec', 'containers'))).toHaveLength(1);
      await create(cluster, 'diagnoses', make.diagnosis('strategic'));
      const custom = await send('PATCH', path('diagnoses', 'strategic'), { spec: {} }, make.strategicType);
      expect(refusalIn(custom)).toEqual({ code: 415, reason: 'UnsupportedMediaType' });
    },
  },
  {
    name: 'a dry run answers as the real one would, and stores nothing',
    run: async (cluster, expect) => {
      const { send, path } = cluster;
      // A kind that no controller of a real cluster touches meanwhile.
      const made = await create(cluster, 'leases', make.lease('dry'));
      const patch = { spec: { leaseDurationSeconds: 30 } };
      const dry = await send('PATCH', `${path('leases', 'dry')}?dryRun=All`, patch, make.strategicType);
      expect(at(dry.body, 'spec', 'leaseDurationSeconds')).toBe(30);
      expect(versionOf(dry)).toBe(versionOf(made));
      const kept = await send('GET', path('leases', 'dry'));
      expect(at(kept.body, 'spec', 'leaseDurationSeconds')).toBe(15);
      const odd = await send('PATCH', `${path('leases', 'dry')}?dryRun=Some`, patch, make.strategicType);
      expect(refusalIn(odd)).toEqual({ code: 422, reason: 'Invalid' });
    },
  },
  {
    name: 'a dry run of a strategic merge patch takes away what is null in it, and stores nothing',
    run: async (cluster, expect) => {
      const { send, path } = cluster;
      await create(cluster, 'deployments', make.deployment('tried'));
      const runAs = (runAsUser: Json) => ({
        spec: { template: { spec: { securityContext: { runAsUser } } } },
      });
      const userIn = ({ body }: Answer) =>
        at(body, 'spec', 'template', 'spec', 'securityContext', 'runAsUser');
      await send('PATCH', path('deployments', 'tried'), runAs(7), make.strategicType);
      const where = `${path('deployments', 'tried')}?dryRun=All&fieldManager=trial&fieldValidation=Strict`;
      const dry = await send('PATCH', where, runAs(null), make.strategicType);
      expect([dry.code, at(dry.body, 'metadata', 'generation'), userIn(dry)]).toEqual([200, 3, undefined]);
      const kept = await send('GET', path('deployments', 'tried'));
      expect([at(kept.body, 'metadata', 'generation'), userIn(kept)]).toEqual([2, 7]);
    },
  },
  {
    name: 'an account may ask whether it may patch, and nothing is kept of that',
    run: async ({ send, namespace }, expect) => {
      const resourceAttributes = { verb: 'patch', group: 'apps', resource: 'deployments', namespace };
      const apiVersion = 'authorization.k8s.io/v1';
      const review = { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
      const answer = await send('POST', `/apis/${apiVersion}/selfsubjectaccessreviews`, review);
      expect(answer.code).toBe(201);
      expect(answer.body).toMatchObject({ ...review, status: { allowed: true } });
    },
  },
  {
    name: 'a lease is renewed at the version it was read at, and at no other',
    run: async (cluster, expect) => {
      const { send, path } = cluster;
      const made = await create(cluster, 'leases', make.lease('renew'));
      const renewed = await send('PUT', path('leases', 'renew'), leaseHeldBy('me', versionOf(made)));
      expect(renewed.code).toBe(200);
      expect(at(renewed.body, 'spec')).toEqual(leaseHeldBy('me', '')['spec']);
      const stale = await send('PUT', path('leases', 'renew'), leaseHeldBy('you', versionOf(made)));
      expect(refusalIn(stale)).toEqual({ code: 409, reason: 'Conflict' });
      const blind = await send('PUT', path('leases', 'renew'), leaseHeldBy('you', ''));
      expect(refusalIn(blind)).toEqual({ code: 422, reason: 'Invalid' });
    },
  },
  {
    name: 'a deletion keeps to its precondition, and answers with a Status; then the object is gone',
    run: async (cluster, expect) => {
      const { send, path } = cluster;
      const made = await create(cluster, 'diagnoses', make.diagnosis('gone'));
      const uid = asText(at(made.body, 'metadata', 'uid'));
      const other = await send('DELETE', path('diagnoses', 'gone'), deleteOnly({ uid: 'another' }));
      expect(refusalIn(other)).toEqual({ code: 409, reason: 'Conflict' });
      const older = await send('DELETE', path('diagnoses', 'gone'), deleteOnly({ resourceVersion: '1' }));
      expect(refusalIn(older)).toEqual({ code: 409, reason: 'Conflict' });
      const right = await send('DELETE', path('diagnoses', 'gone'), deleteOnly({ uid }));
      expect(right.body).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'gone', uid } });
      expect((await send('DELETE', path('diagnoses', 'gone'))).code).toBe(404);
    },
  },
  {
    name: 'what is owned goes with its owner',
    run: async (cluster, expect) => {
      const owner = await create(cluster, 'deployments', make.deployment('owner'));
      const uid = at(owner.body, 'metadata', 'uid') ?? '';
      const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'owner', uid };
      const metadata = { name: 'owned', ownerReferences: [reference] };
      succeeded(await applyDiagnosis(cluster, { ...make.diagnosis('owned'), metadata }));
      succeeded(await cluster.send('DELETE', cluster.path('deployments', 'owner')));
      expect(await goneSoon(cluster, cluster.path('diagnoses', 'owned'))).toBe(true);
    },
  },
  {
    name: 'a method that a path does not have is refused with 405',
    run: async (cluster, expect) => {
      const answer = await cluster.send('POST', cluster.path('leases', 'any'), make.lease('any'));
      expect(refusalIn(answer)).toEqual({ code: 405, reason: 'MethodNotAllowed' });
    },
  },
];

/** The part of a Diagnosis that a person applies. */
function approving(value: string): Fields {
  return { ...make.diagnosis('theirs'), spec: { approvedFix: value } };
}

function leaseHeldBy(holderIdentity: string, resourceVersion: string): Fields {
  return {
    ...make.lease('renew'),
    metadata: { name: 'renew', ...(resourceVersion && { resourceVersion }) },
    spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.678901Z' },
  };
}

function deleteOnly(preconditions: Fields): Fields {
  return { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
}

function managers({ body }: Answer): readonly Json[] {
  return asList(at(body, 'metadata', 'managedFields'));
}

function reasonsOf({ body }: Answer): readonly string[] {
  return asList(at(body, 'details', 'causes'))
    .map((cause) => asText(at(cause, 'reason')))
    .toSorted();
}

/** The real collector learns of custom kinds every half minute only. */
async function goneSoon({ send }: Cluster, path: string): Promise<boolean> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await send('GET', path)).code === 404) return true;
    await delay(200);
  }
  return false;
}
