#!/usr/bin/env bash
# In the place of Argo's controller: one ReplicaSet of the template as it is now, instead of the one before.
set -euo pipefail
kubectl="$KUBECTL -n ${NAMESPACE:-rollout}"
read_rollout() { $kubectl get rollouts.argoproj.io web -o "jsonpath={$1}"; }
$kubectl delete replicaset web-5b8c7d --ignore-not-found --cascade=foreground
$kubectl create -f - <<OBJECT
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-5b8c7d
  ownerReferences:
  - {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web, uid: $(read_rollout .metadata.uid), controller: true}
spec:
  replicas: $(read_rollout .spec.replicas)
  selector: {matchLabels: {app: web}}
  template: $(read_rollout .spec.template)
OBJECT
