// What a manifest says of a container whose log was pasted: its user, and where its volumes are mounted.

import { effective } from '../../platform/kubelet/kubelet-user.ts';
import type { HintsFor } from '../text/context.ts';
import { isComplete, placedIn, type Place } from './place.ts';

export const hintsFrom =
  (places: readonly Place[]): HintsFor =>
  ({ container, pod, namespace }) => {
    const placed = placedIn(
      {
        cause: 'NonRootPermissionDenied',
        message: '',
        container: container === undefined ? {} : { name: container },
        image: {},
        pod: { ...(pod !== undefined && { name: pod }), ...(namespace !== undefined && { namespace }) },
      },
      places,
    );
    if (!placed) return {};
    const { runAsUser } = effective(placed.pod.manifest, placed.container);
    return {
      ...(isComplete(placed.place) && {
        volumeMounts: (placed.container.volumeMounts ?? []).map(({ mountPath }) => mountPath),
      }),
      ...(runAsUser !== undefined && { uid: runAsUser }),
    };
  };
