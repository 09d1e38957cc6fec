#!/usr/bin/env bash
# In the place of Argo's controller: one ReplicaSet of the Deployment's template as it is now, instead of the one before.
set -euo pipefail
kubectl="$KUBECTL -n ${NAMESPACE:-rollout-workload-ref}"
uid=$($kubectl get rollouts.argoproj.io web-canary -o 'jsonpath={.metadata.uid}' --ignore-not-found)
[ -n "$uid" ] || uid=$($kubectl create -o 'jsonpath={.metadata.uid}' -f - <<OBJECT
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web-canary}
spec: {replicas: 2, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
OBJECT
)
$kubectl delete replicaset web-canary-5b8c7d --ignore-not-found --cascade=foreground
$kubectl create -f - <<OBJECT
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-canary-5b8c7d
  ownerReferences:
  - {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web-canary, uid: $uid, controller: true}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: $($kubectl get deployment web -o 'jsonpath={.spec.template}')
OBJECT
