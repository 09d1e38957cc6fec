// Denials that another user of the container would not change: by databases, remote machines, policies, mounts.

/** Each by its name, with the reason why another user would not help. */
const otherDenials: Readonly<Record<string, RegExp>> = {
  /** SELinux, AppArmor and seccomp deny root as well. */
  securityModule: /\bavc:\s{1,4}denied|apparmor=|\bselinux\b|\bseccomp\b/i,
  /** A file system that is mounted read-only cannot be written by any user. */
  readOnlyFileSystem: /read-?only file ?-?system|\bEROFS\b|\(30: |\berrno 30\b|code: 30\b/i,
  /** A database does not let its own user use an object. */
  databaseObject:
    /permission denied (?:for|to) (?:(?:materialized|foreign|large|event|tablespace|data)[\w -]{0,20} )?(?:table|schema|relation|database|sequence|function|procedure|routine|view|language|type|domain|column|object|index|server|wrapper|publication|subscription|parameter|create|set|alter|drop|cop|terminate|cancel|start|reindex|rename|grant|comment|lock|analyze|vacuum)/i,
  /** The role in the database lacks a right. */
  databaseRole:
    /must be (?:owner|member|superuser) (?:of|to)\b|insufficient.?privilege|\bSQLSTATE\b|\b42501\b|\bSQLException\b/i,
  /** The database does not accept a login, or a statement of it. */
  databaseLogin:
    /access denied(?: for user|; you need)|permission was denied|\bCREATE \w{1,20} permission|\bORA-\d{5}|not enough privileges|\bSTATEMENT:|has no \w{1,20} permission/i,
  /** Redis, RabbitMQ, NATS, Kafka and Elasticsearch have users of their own. */
  messageBroker:
    /\bNOPERM\b|access_refused|AuthorizationException|\bNoAuth\b|permissions violation|security_exception/i,
  /** SSH, Kerberos, rsync and HTTP servers do not accept a login. */
  remoteLogin:
    /\bpublickey\b|keyboard-interactive|\bgssapi\b|GSSException|please try again|\bscp: |\bsftp\b|remote open|\brsync: [^\n]{0,300} \(in [\w-]{1,40}\)|^remote: |authentication fail|handshake failed|http basic/i,
  /** The file is on the other side of an SFTP or rsync session. */
  remoteFile:
    /\bremote (?:open|[lf]?stat|f?setstat|readdir|opendir|mkdir|rmdir|rename|remove|delete|realpath|readlink|symlink|chmod|chown)(?: directory)? ?\(?["'/]|\b(?:open|read|write|stat|close) remote ["'/]|\bdest open ["'/]/i,
  /** lftp, adb and rsync repeat what the other machine says. */
  remoteTool:
    /\blftp: |\baccess failed: |\badb: (?:error|failed)|\bremote:? (?:couldnt|could not|cannot|cant) [a-z]|\bon (?:the )?remote (?:host|side|server|machine)\b|\brsync: [^\n]{0,300} on (?:the )?(?:server|remote)\b|@ERROR: (?:auth|access|chdir|chroot|unknown|max)/i,
  /** Keys of users who log in, and of a client that then tries the next key. */
  clientKey:
    /\bcould not open (?:user ["']?[^\s"']{1,64}["']? )?authorized (?:keys|principals)\b|\bload key ["'][^"'\n]{0,300}\/\.ssh\/|list of known hosts|authentication refused/i,
  /** HDFS, Samba, FTP and Java's policy files have permissions of their own. */
  remoteFileSystem:
    /\bAccessControlException\b|\binode="|\bNT_STATUS_|java\.(?:io|net|lang|util)\.\w{1,24}Permission\b|^\s*55\d[ -]/,
  /** A network policy or a firewall drops the connection. */
  outgoingConnection: /\bdial (?:tcp|udp)\b|\bconnect\(\) to \[?[\d:]|\(connect failed\)|ConnectException/i,
  /** Kubernetes RBAC, cloud IAM and gRPC services deny the account, not the user of the process. */
  accessPolicy:
    /\bis forbidden\b|\bcannot (?:list|get|watch|create|update|patch|delete) resource|code = PermissionDenied|\bPERMISSION_DENIED\b|PermissionDeniedException|\bPermissionDenied: \d|\bunauthori[sz]ed\b|not authori[sz]ed|authorization\b|\barn:aws|\bgoogleapi\b|\(AccessDenied\w{0,12}\)|AccessDenied(?:Exception)?: (?:User|The)\b|access denied \(service/i,
  /** An HTTP server, a registry, etcd or Consul answers that access is forbidden. */
  httpForbidden:
    /\b(?:http(?:\/[\d.]{1,3})?|code|status(?:[ _-]?code)?|error)["']?[:= ]{1,3}["']?403\b|\b403 (?:forbidden|permission|\()|\bforbidden\b|lacks permission|rpc error making call|etcdserver: |requested access to the resource|pull access denied|client denied|request: "[A-Z]{3,7} [^"]{0,200}", upstream/i,
  /** An application's own rules for its users. */
  authorizationRule:
    /\baccess\.AccessDeniedException: Access|denied on resource|\bauthz\b|\bdecision=deny|\(role \w/i,
  /** The process is root after all. */
  rootProcess: /\beuid[=: ]{1,2}0\b|\buid=0\b/,
  /** Mounting needs a capability, or is done by the kubelet. */
  mount:
    /\bMount(?:Volume|Device)\b|\bmount(?:\.\w{1,12})?: |\bmount (?:failed|error|proc)|error mounting|fusermount|failed to mount|\bmount\(2\)|mount source path/i,
  /** Is tried without need, or is denied to root without capabilities as well. */
  kernelTuning:
    /\bmbind\b|set_mempolicy|niceness|oom_score_adj|\/sys\/fs\/cgroup|\bcgroups?\b|\br?ulimit\b|setrlimit|rlimit|IPC_LOCK|\bmlock|perf_event|\bptrace\b|sched_set|setpriority|io_uring|core_pattern/i,
  /** A capability is missing, which no user has by default. */
  capability: /\bCAP_[A-Z]{3}|\bsetcap\b|set capabilities on file|capability argument/,
  /** Options, comments, tests and help that only speak of such errors. */
  aboutErrors:
    /^\s*(?:usage|see|if|note|hint|tip|test)\b|\becho\b|^\s*#\s*(?:chown|chmod|sudo|mkdir)|\bFAQ\b|https?:\/\/\S{0,200}permission-denied|\binternet permission/i,
  /** The program does not want to be root. */
  rootNotWanted:
    /(?:\b(?:must|should|can|do|does|may|will|shall|would) ?(?:not|nt)|\bcannot|\bcant|\bdont|\bnever|\brefus\w{1,4}|\bwithout)\b[^.;]{0,40}(?:\b(?:run|running|execut\w{1,4}|start\w{0,3})\b[^.;]{0,20}\bas (?:the )?["']?root|\bbe (?:the )?["']?root\b)/i,
};

const patterns = Object.values(otherDenials);

/** Services that deny, who denies there, and how they are asked. */
const service =
  /\b(?:ACLs?|IAM|g?RPC|webdav|s?ftp|smb|samba|topic|broker|bucket|tenant|principal|keyspace|scope)\b|\bs3:|\b(?:for|of) user ["']?[\w.@-]{1,64}["']?\s*$|\bby (?:the |an? )?(?:[\w-]{1,16} ){0,3}(?:policy|broker|server|service|proxy|gateway|admin)\b|\b(?:GET|PUT|POST|DELETE|PATCH|HEAD|MKCOL|PROPFIND) \/|\blacks?\b/i;

/** What only the kernel of the node says. */
const ofKernel =
  /\b(?:open|openat|mkdir|mkdirat|l?stat|unlinkat|remove|rename|chmod|l?chown) \/[^\s:]{1,512}: (?:permission denied|operation not permitted)|\bE(?:ACCES|PERM)\b|\(13[:)]|errno 13|os error 13|(?:nio|io)\.\w*(?:file)?\.?(?:AccessDenied|FileNotFound)/i;

/** Whether the line, its paths aside, speaks of what a service denies. */
export const isOfService = (line: string): boolean =>
  service.test(line.replace(/\/[^\s"',:]{1,512}/g, '/')) && !ofKernel.test(line);

/** Whether the line speaks of another kind of permission, though in the same words. */
export const isOtherDenial = (line: string): boolean => patterns.some((pattern) => pattern.test(line));
