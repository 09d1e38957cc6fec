// The words between the quoted names of a detail, so that they can be written right however the text was wrapped.

/** Behind a container's name, or where none is named. */
const setters = [
  '',
  ' and annotation',
  ' and annotations',
  'pod',
  'pod and annotation',
  'pod and annotations',
  'annotation',
  'annotations',
];

const seLinux = ['', 'type ', 'types ', 'user may not be set', 'role may not be set'];

const rules = [
  'must set securityContext.runAsNonRoot=true',
  'must not set securityContext.runAsNonRoot=false',
  'must not set runAsUser=0',
  'must set securityContext.allowPrivilegeEscalation=false',
  'must set securityContext.capabilities.drop=[',
  'must not include ',
  'must set securityContext.seccompProfile.type to ',
  'must not set securityContext.seccompProfile.type to ',
  'must not set securityContext.privileged=true',
  'must not set securityContext.procMount to ',
  'must not set securityContext.windowsOptions.hostProcess=true',
  'must not set AppArmor profile type to ',
  ...seLinux.map((data) => `set forbidden securityContext.seLinuxOptions: ${data}`),
  'set forbidden securityContext.seLinuxOptions: user may not be set; role may not be set',
];

const verbs = ['uses', 'use'].flatMap((verb) =>
  ['restricted volume type', 'probe or lifecycle host'].flatMap((what) => [
    ` ${verb} ${what} `,
    ` ${verb} ${what}s `,
  ]),
);

const named = ['container ', 'containers '].flatMap((who) => [
  who,
  `pod or ${who}`,
  `pod and ${who}`,
  `]; ${who}`,
]);

const phrases = [
  '',
  ', ',
  ' or ',
  ']',
  'volume ',
  'volumes ',
  ' in securityContext.capabilities.add',
  '; user may not be set',
  '; role may not be set',
  '; user may not be set; role may not be set',
  ...named,
  ...verbs,
  ...setters.flatMap((setter) => rules.map((rule) => `${setter} ${rule}`)),
];

const bySqueezed = new Map(phrases.map((phrase) => [phrase.replaceAll(' ', '').toLowerCase(), phrase]));

/** Policies below 1.19. */
const annotation = /^(,)?(?:forbidden(annotations?))?((?:container\.)?seccomp\.security\.alpha\.[\w./-]+=)$/;
const ports = /^(uses?)(hostports?)([\d,]+)$/i;

/** The words as the API server writes them; undefined for words that are not always the same. */
export function phraseOf(squeezed: string): string | undefined {
  const port = ports.exec(squeezed);
  if (port) return ` ${port[1]} ${port[2]} ${items(port[3] ?? '')}`;
  const key = annotation.exec(squeezed);
  if (key) return `${key[1] ? ', ' : ''}${key[2] ? `forbidden ${key[2]} ` : ''}${key[3]}`;
  return bySqueezed.get(squeezed.toLowerCase());
}

/** Sysctls, host namespaces, fields: items that hold no blank, joined again. */
export function listOf(squeezed: string): string | undefined {
  return /^[\w./=[\]-]+(?:,[\w./=[\]-]+)*$/.test(squeezed) ? items(squeezed) : undefined;
}

const items = (joined: string): string => joined.split(',').join(', ');
