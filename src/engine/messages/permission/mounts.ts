// Whose directory a file is in: the image's, a volume's, the user's home, or that of mounted secrets.

import type { PermissionFamily } from '../../model/permission.ts';

export type Mounts = {
  /** Where the container has volumes; without them the path must tell. */
  readonly volumeMounts?: readonly string[];
  readonly home?: string;
};

/** Directories that programs make for themselves in the home of their user. */
const toolDirectory =
  /\/\.(?:cache|config|local|npm|npmrc|yarn|yarnrc|pnpm-store|mongodb|kube|docker|gnupg|ssh|m2|gradle|java|dotnet|nuget|aws|azure|gsutil|ipython|jupyter|keras|streamlit|matplotlib|pki|ansible|cargo|rustup|composer|gem|bundle|gitconfig|netrc|pm2|terraform\.d|helm|mc|psql_history|bash_history|node_repl_history|nv|triton|theano|mozilla|fonts|wget-hsts|oracle_jre_usage|embedmongo|vscode-server|rnd|wine|sonar|texlive\d*|R|julia|cpan|pyenv|nltk_data|EasyOCR|paddleocr|u2net|deepface|conda|jupyterlab)(?:\/|$)/;
const homes = /^\/(?:root|home\/[^/]{1,64}|nonexistent|var\/www|Users\/[^/]{1,64})?\/?\.[^/]/;

/** Settings of one person: no program keeps them anywhere but at home. */
const ownSettings = /\/\.(?:kube|npm|config|local|m2|gradle|docker|aws|gnupg|yarn)(?:\/|$)|^\?\/\./;

const secretFile =
  /\.(?:key|pem|crt|cert|cer|p12|pfx|jks|keytab|kubeconfig)$|\/(?:tls|ca)\.[a-z]{3}$|\/ssh_host_\w{1,20}_key$/i;
const secretDirectory = /^\/(?:var\/)?run\/secrets\/|^\/etc\/(?:git-)?secrets?\/|\/secrets?\/[^/]{1,128}$/;

/** Directories that hold what must outlive a container, so that there is a volume in all but the smallest set-ups. */
const dataDirectories: readonly RegExp[] = [
  /^\/(?:data|bitnami|prometheus|loki|mimir|tempo|consul|vault|config|export|exports|mnt|media|storage|volumes?|backups?|uploads?|host|srv|letsencrypt|acme|pvc|git|dags|models|nfs|persist(?:ence|ent)?|shared|alertmanager|jenkins|nexus-data|cache-data|kafka-logs|rabbitmq|mosquitto|zookeeper|logs|state|work|workspace|fluentd|fluent-bit|couchdb|influxdb|minio|grafana)(?:\/|$)/,
  /^\/[\w.-]{0,40}data[\w-]{0,8}(?:\/|$)/,
  /\/(?:data(?:base)?|pgdata)(?:\/|$)/,
  /^data\/(?:zookeeper|nodes)(?:\/|$)/,
  /^\/?var\/(?:lib\/(?!nginx|varnish|haproxy|dpkg|apt|apk|dhcp|nfs|systemd|polkit|sudo|php|dbus|misc|pam|ucf|python|rpm|alternatives|logrotate)[^/]|loki|jenkins_home|fluent-bit|opt\/|spool\/(?!cron)|backups?|nfs|data|vcap\/store)/,
  /^\/var\/www\/html\/(?:config|data|custom_apps|apps|themes|wp-content|settings|nextcloud|lib\/private)/,
  /^\/var\/run\/(?:docker|containerd|crio)[\w/.-]{0,40}\.sock$/,
  /^\/(?:run|var\/run)\/(?:docker|containerd)\//,
  /^\.$|sonatype-work|^\/var\/log\/(?:fluentd|containers|pods|td-agent)/,
];

/** The family of a file that could not be used; `isRead`: reading was tried, not writing. */
export function familyOf(path: string, { volumeMounts, home }: Mounts, isRead: boolean): PermissionFamily {
  if (isRead && (secretFile.test(path) || secretDirectory.test(path))) return 'secret-mode';
  if (isInHome(path, home)) return 'home-missing';
  if (volumeMounts && path.startsWith('/'))
    return isBelowAny(path, volumeMounts) ? 'volume-ownership' : 'image-dir-ownership';
  return dataDirectories.some((pattern) => pattern.test(path)) ? 'volume-ownership' : 'image-dir-ownership';
}

function isInHome(path: string, home: string | undefined): boolean {
  if (/^\/\.[^./]/.test(path) || (toolDirectory.test(path) && homes.test(path))) return true;
  if (ownSettings.test(path)) return true;
  if (/\/\.mongodb(?:\/|$)|^\/nonexistent(?:\/|$)/.test(path)) return true;
  return (
    home !== undefined &&
    home !== '' &&
    isBelow(path, home) &&
    /^\/?\.[^./]/.test(path.slice(trimmed(home).length))
  );
}

const isBelowAny = (path: string, mounts: readonly string[]): boolean =>
  mounts.some((mount) => isBelow(path, mount));

const isBelow = (path: string, directory: string): boolean =>
  path === trimmed(directory) || path.startsWith(`${trimmed(directory)}/`);

const trimmed = (directory: string): string => (directory.endsWith('/') ? directory.slice(0, -1) : directory);
