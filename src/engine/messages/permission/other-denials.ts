// Refusals that are no matter of the user a container runs as: of databases, remote machines, policies, mounts.

const elsewhere: readonly RegExp[] = [
  // SELinux, AppArmor, seccomp
  /\bavc:\s{1,4}denied|apparmor=|\bselinux\b|\bseccomp\b/i,
  // file systems that no one may write
  /read-?only file ?-?system|\bEROFS\b|\(30: |\berrno 30\b|code: 30\b/i,
  // databases
  /permission denied (?:for|to) (?:(?:materialized|foreign|large|event|tablespace|data)[\w -]{0,20} )?(?:table|schema|relation|database|sequence|function|procedure|routine|view|language|type|domain|column|object|index|index|server|wrapper|publication|subscription|parameter|create|set|alter|drop|cop|terminate|cancel|start|reindex|rename|grant|comment|lock|analyze|vacuum)/i,
  /must be (?:owner|member|superuser) (?:of|to)\b|insufficient.?privilege|\bSQLSTATE\b|\b42501\b|\bSQLException\b/i,
  /access denied(?: for user|; you need)|permission was denied|\bCREATE \w{1,20} permission|\bORA-\d{5}|not enough privileges|\bSTATEMENT:|has no \w{1,20} permission/i,
  /\bNOPERM\b|access_refused|AuthorizationException|\bNoAuth\b|permissions violation|security_exception/i,
  // other machines
  /\bpublickey\b|keyboard-interactive|\bgssapi\b|GSSException|please try again|\bscp: |\bsftp\b|remote open|\brsync: [^\n]{0,300} \(in [\w-]{1,40}\)|^remote: |authentication fail|handshake failed|http basic/i,
  /\bremote (?:open|[lf]?stat|f?setstat|readdir|opendir|mkdir|rmdir|rename|remove|delete|realpath|readlink|symlink|chmod|chown)(?: directory)? ?\(?["'/]|\b(?:open|read|write|stat|close) remote ["'/]|\bdest open ["'/]/i,
  /\blftp: |\baccess failed: |\badb: (?:error|failed)|\bremote:? (?:couldnt|could not|cannot|cant) [a-z]|\bon (?:the )?remote (?:host|side|server|machine)\b|\brsync: [^\n]{0,300} on (?:the )?(?:server|remote)\b|@ERROR: (?:auth|access|chdir|chroot|unknown|max)/i,
  // keys of those who log in, and of a client that then tries the next
  /\bcould not open (?:user ["']?[^\s"']{1,64}["']? )?authorized (?:keys|principals)\b|\bload key ["'][^"'\n]{0,300}\/\.ssh\/|list of known hosts|authentication refused/i,
  // sockets that root has without a capability as little
  /\b(?:raw|icmp|packet)[ _-](?:open )?socket\b|\bSOCK_RAW\b|\b[AP]F_PACKET\b|\bNET_RAW\b|\b\w{0,12}ping6?: (?:\w{1,8} )?(?:open )?socket\b|(?:^|[:(] ?)socket(?:\(\))?: operation not permitted/i,
  /\bAccessControlException\b|\binode="|\bNT_STATUS_|java\.(?:io|net|lang|util)\.\w{1,24}Permission\b|^\s*55\d[ -]/,
  /\bdial (?:tcp|udp)\b|\bconnect\(\) to \[?[\d:]|\(connect failed\)|ConnectException/i,
  // policies of clusters and clouds
  /\bis forbidden\b|\bcannot (?:list|get|watch|create|update|patch|delete) resource|code = PermissionDenied|\bPERMISSION_DENIED\b|PermissionDeniedException|\bPermissionDenied: \d|\bunauthori[sz]ed\b|not authori[sz]ed|authorization\b|\barn:aws|\bgoogleapi\b|\(AccessDenied\w{0,12}\)|AccessDenied(?:Exception)?: (?:User|The)\b|access denied \(service/i,
  /\b(?:http(?:\/[\d.]{1,3})?|code|status(?:[ _-]?code)?|error)["']?[:= ]{1,3}["']?403\b|\b403 (?:forbidden|permission|\()|\bforbidden\b|lacks permission|rpc error making call|etcdserver: |requested access to the resource|pull access denied|client denied|request: "[A-Z]{3,7} [^"]{0,200}", upstream/i,
  /\baccess\.AccessDeniedException: Access|denied on resource|\bauthz\b|\bdecision=deny|\(role \w/i,
  // a process that is root after all
  /\beuid[=: ]{1,2}0\b|\buid=0\b/,
  // mounts
  /\bMount(?:Volume|Device)\b|\bmount(?:\.\w{1,12})?: |\bmount (?:failed|error|proc)|error mounting|fusermount|failed to mount|\bmount\(2\)|mount source path/i,
  // what is tried in vain and does not matter, or is refused to root as well
  /\bmbind\b|set_mempolicy|niceness|oom_score_adj|\/sys\/fs\/cgroup|\bcgroups?\b|\br?ulimit\b|setrlimit|rlimit|IPC_LOCK|\bmlock|perf_event|\bptrace\b|sched_set|setpriority|io_uring|core_pattern/i,
  /\bCAP_[A-Z]{3}|\bsetcap\b|set capabilities on file|capability argument/,
  // words about errors: options, comments, tests, help
  /^\s*(?:usage|see|if|note|hint|tip|test)\b|\becho\b|^\s*#\s*(?:chown|chmod|sudo|mkdir)|\bFAQ\b|https?:\/\/\S{0,200}permission-denied|\binternet permission/i,
  // programs that refuse to be root
  /(?:\b(?:must|should|can|do|does|may|will|shall|would) ?(?:not|nt)|\bcannot|\bcant|\bdont|\bnever|\brefus\w{1,4}|\bwithout)\b[^.;]{0,40}(?:\b(?:run|running|execut\w{1,4}|start\w{0,3})\b[^.;]{0,20}\bas (?:the )?["']?root|\bbe (?:the )?["']?root\b)/i,
];

/** What is refused by services, by whom, and how they are asked. */
const service =
  /\b(?:ACLs?|IAM|g?RPC|webdav|s?ftp|smb|samba|topic|broker|bucket|tenant|principal|keyspace|scope)\b|\bs3:|\b(?:for|of) user ["']?[\w.@-]{1,64}["']?\s*$|\bby (?:the |an? )?(?:[\w-]{1,16} ){0,3}(?:policy|broker|server|service|proxy|gateway|admin)\b|\b(?:GET|PUT|POST|DELETE|PATCH|HEAD|MKCOL|PROPFIND) \/|\blacks?\b/i;

/** What only the own kernel says. */
const ofKernel =
  /\b(?:open|openat|mkdir|mkdirat|l?stat|unlinkat|remove|rename|chmod|l?chown) \/[^\s:]{1,512}: (?:permission denied|operation not permitted)|\bE(?:ACCES|PERM)\b|\(13[:)]|errno 13|os error 13|(?:nio|io)\.\w*(?:file)?\.?(?:AccessDenied|FileNotFound)/i;

/** Whether the line, its paths aside, speaks of what a service refuses. */
export const isOfService = (line: string): boolean =>
  service.test(line.replace(/\/[^\s"',:]{1,512}/g, '/')) && !ofKernel.test(line);

/** Whether the line speaks of another kind of permission, though in the same words. */
export const isOtherDenial = (line: string): boolean => elsewhere.some((pattern) => pattern.test(line));
