#!/usr/bin/env bash
# In the place of OpenShift's controller: one ReplicationController of the template as it is now, instead of the one before.
set -euo pipefail
kubectl="$KUBECTL -n ${NAMESPACE:-deployment-config}"
read_config() { $kubectl get deploymentconfigs.apps.openshift.io web -o "jsonpath={$1}"; }
$kubectl delete replicationcontroller web-1 --ignore-not-found --cascade=foreground
$kubectl create -f - <<OBJECT
apiVersion: v1
kind: ReplicationController
metadata:
  name: web-1
  ownerReferences:
  - {apiVersion: apps.openshift.io/v1, kind: DeploymentConfig, name: web, uid: $(read_config .metadata.uid), controller: true}
spec:
  replicas: $(read_config .spec.replicas)
  selector: {app: web}
  template: $(read_config .spec.template)
OBJECT
