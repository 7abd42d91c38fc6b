import { expect, test } from "vitest";
import { parse, service, told, unitsOf } from "../../support/units/load.ts";

const mount = (lines: string) => `[[mount]]\n${lines}\n`;
const tmpfs = (target: string, lines = "") => mount(`target = "${target}"\nfstype = "tmpfs"\n${lines}`);
const network = (lines: string) => `[[network]]\nname = "eth0"\n${lines}\n`;
const mountsOf = async (text: string) => (await unitsOf(text, { cwd: "/proj" })).mounts;
const networkOf = async (lines: string) => (await unitsOf(network(lines))).networks[0];

test("a mount is called for its target, and has defaults for all but that and its type", async () => {
  expect(await mountsOf(tmpfs("/var/log"))).toEqual([
    {
      name: "g@var-log",
      source: "tmpfs",
      target: "/var/log",
      fstype: "tmpfs",
      flags: [],
      data: "",
      create: false,
      after: [],
      origin: { file: "g.toml", line: 1 },
    },
  ]);
  const names = async (target: string) => (await mountsOf(tmpfs(target)))[0]?.name;
  expect(await names("/")).toBe("g@root");
  expect(await names("/a b/.c")).toBe("g@a_b-.c");
  expect(await names("/.c")).toBe("g@_c");
});

test("flags are a list, or a text as in fstab; a bind takes a folder and no type", async () => {
  expect(await mountsOf(mount('source = "data"\ntarget = "/srv"\nflags = "bind, ro"\ncreate = true'))).toMatchObject([
    { source: "/proj/data", fstype: "none", flags: ["bind", "ro"], create: true },
  ]);
  expect(await mountsOf(mount('source = "/dev/vda1"\ntarget = "/srv"\nfstype = "ext4"\nflags = ["nosuid"]\ndata = "x=1"'))).toMatchObject([
    { source: "/dev/vda1", fstype: "ext4", flags: ["nosuid"], data: "x=1" },
  ]);
});

test("a mount comes after what is mounted above its target, and after what it names, else as declared", async () => {
  const text = tmpfs("/a/b/c") + tmpfs("/z") + tmpfs("/a") + tmpfs("/m", 'after = ["n"]') + tmpfs("/n") + tmpfs("/");
  expect((await mountsOf(text)).map(({ target }) => target)).toEqual(["/", "/z", "/a", "/a/b/c", "/n", "/m"]);
});

test("a remount comes after what it changes, and is no second mount of its target", async () => {
  const text = mount('name = "ro"\ntarget = "/a"\nflags = "remount,ro"') + tmpfs("/a");
  expect((await mountsOf(text)).map(({ name }) => name)).toEqual(["g@a", "g@ro"]);
});

test.each([
  [mount('target = "/a"'), '1:3: "fstype" is missing (write fstype = "ext4", or "tmpfs")'],
  [mount('target = "/a"\nflags = "bind"'), '1:3: "source" is missing (with the flag bind it is a folder)'],
  [mount('fstype = "tmpfs"'), '1:3: "target" is missing (it must be text)'],
  [tmpfs("/a") + tmpfs("/a/", 'name = "x"'), "6:10: g@a is mounted on /a already (each has a target of its own)"],
  [tmpfs("/a/b", 'after = ["nope"]'), '4:10: no mount "nope" is declared'],
  [tmpfs("/a", 'after = ["a"]'), "4:10: g@a names itself (a mount cannot come after itself)"],
  [
    tmpfs("/a", 'after = ["a-b"]') + tmpfs("/a/b"),
    "4:9: a cycle of mounts: g@a -> g@a-b -> g@a (what is mounted above a target goes before it)",
  ],
])("%s is an error", async (text, message) => {
  expect(await told(text)).toEqual([`g.toml:${message}`]);
});

test("a network is its interface, and with an address it is static", async () => {
  expect(await networkOf('address = "10.0.0.2/24"')).toEqual({
    name: "g@eth0",
    interface: "eth0",
    method: "static",
    address: ["10.0.0.2/24"],
    gateway: undefined,
    dns: [],
    route: [],
    origin: { file: "g.toml", line: 1 },
  });
  const whole =
    'interface = "wan"\nmethod = "static"\naddress = ["10.0.0.2/24", "fd00::2/64"]\ngateway = "10.0.0.1"\ndns = ["1.1.1.1"]\nroute = [{ to = "10.9.0.0/16", via = "10.0.0.9" }, { to = "10.8.0.1" }]';
  expect(await networkOf(whole)).toMatchObject({
    interface: "wan",
    address: ["10.0.0.2/24", "fd00::2/64"],
    gateway: "10.0.0.1",
    dns: ["1.1.1.1"],
    route: [
      { to: "10.9.0.0/16", via: "10.0.0.9" },
      { to: "10.8.0.1", via: undefined },
    ],
  });
  expect(await networkOf('method = "dhcp"')).toMatchObject({ method: "dhcp", address: [] });
});

test("a gateway is on one of the networks, or a route without via leads to it", async () => {
  expect(await told(network('address = "10.0.0.2/24"\ngateway = "10.0.1.1"'))).toEqual([
    "g.toml:4:11: 10.0.1.1 is on none of its networks (10.0.0.2/24) (check it, or add a route to it that has no via)",
  ]);
  expect(await told(network('address = "10.0.0.2/32"\ngateway = "10.0.1.1"\nroute = [{ to = "10.0.1.1/32" }]'))).toEqual([]);
  expect(await told(network('address = "fd00::2/64"\ngateway = "fe80::1"'))).toEqual([]);
});

test.each([
  ["", '1:3: "method" is missing (it must be "static", "dhcp" or "none")'],
  ["method = 'static'", '1:3: method = "static" needs "address" (such as address = "10.0.0.2/24")'],
  ["address = '10.0.0.2'", '3:11: "10.0.0.2" lacks its prefix length (such as "10.0.0.2/24")'],
  ["address = '10.0.0.2/33'", '3:11: the prefix length of "10.0.0.2/33" is at most 32'],
  ["address = ['10.0.0/24']", '3:12: "10.0.0/24" is no address with its prefix length (such as "10.0.0.2/24")'],
  ["address = 'fd00::2/64'\ngateway = '10.0.0.1/8'", '4:11: "10.0.0.1/8" is no address (leave out the prefix length)'],
  [
    "method = 'dhcp'\naddress = '10.0.0.2/8'",
    '4:1: "address" means nothing with method = "dhcp" (write method = "static", or leave it out)',
  ],
  [
    "method = 'none'\nroute = [{ to = 'default' }]",
    '4:1: "route" means nothing with method = "none" (write method = "static", or leave it out)',
  ],
  ["method = 'dhcp'\ndns = 'router'", '4:7: "router" is no address (such as "10.0.0.1" or "fe80::1")'],
  ["address = '10.0.0.2/8'\nroute = [{ to = '10.0.0.0/40' }]", '4:17: the prefix length of "10.0.0.0/40" is at most 32'],
  [
    "address = '10.0.0.2/8'\nroute = [{ to = '10.3.0.0/16', via = 'fd00::1' }]",
    '4:38: "fd00::1" and "10.3.0.0/16" are of different versions of IP',
  ],
  [
    "interface = 'a-very-long-name-it-is'\nmethod = 'none'",
    '3:13: "a-very-long-name-it-is" is no name of an interface: at most 15 characters, no "/", ":" or space (such as interface = "eth0")',
  ],
])("a network with %s is an error", async (lines, message) => {
  expect(await told(network(lines))).toEqual([`g.toml:${message}`]);
});

test("two networks on one interface are an error", async () => {
  expect(await told(`${network("method = 'dhcp'")}[[network]]\nname = "x"\ninterface = "eth0"\nmethod = "none"\n`)).toEqual([
    "g.toml:4:3: g@eth0 sets up the interface eth0 already (give each an interface of its own; address takes a list)",
  ]);
});

test("where a network is declared the states of the network are built in, else they are ordinary names", async () => {
  const use = `${service('start-on = ["net@online"]')}`;
  expect(await told(network('method = "none"') + use)).toEqual([]);
  expect(await told(use)).toEqual([expect.stringContaining('state "net@online" is declared nowhere, so it is implied')]);
  const own = '[[state]]\nname = "online"\n';
  expect(await told({ "net.toml": own })).toEqual([]);
  expect(await told({ "net.toml": own, "g.toml": network('method = "none"') })).toEqual([
    'net.toml:2:8: "net@online" is built in (choose another name)',
  ]);
});

test("a network that asks for its address has a service of its name, which runs while there is the interface", async () => {
  const { services } = await unitsOf(
    `${network('method = "dhcp"\ninterface = "wan0"')}${service('after = ["eth0"]\nrequires = ["eth0"]')}`,
  );
  expect(services.map(({ name }) => name)).toEqual(["g@s", "g@eth0"]);
  expect(services[1]).toMatchObject({
    class: "system",
    startOn: [{ kind: "state", name: "net@interface", match: [{ kind: "as", value: { name: "wan0" } }] }],
    restart: { on: "always", maxRetries: Number.POSITIVE_INFINITY },
    origin: { file: "g.toml", line: 1 },
  });
  expect(services[1]?.run.args).toContain("wan0");
});

test("a service of that name is an error, and so is a cycle through it", async () => {
  const dhcp = network('method = "dhcp"');
  expect(await told(`${dhcp}[[service]]\nname = "eth0"\nrun = "x"\n`)).toEqual([
    "g.toml:2:8: there is a service g@eth0 already, and that of its dhcp client is called so (it is declared in g.toml:4)",
  ]);
  expect(await told(dhcp + service('after = ["eth0"]\nbefore = ["eth0"]'))).toEqual([
    expect.stringMatching(/^g.toml:8:11: a cycle through after: g@eth0 -> g@s -> g@eth0/),
  ]);
});

test("a dhcp client that is left out with its network keeps its name for those who require it", async () => {
  const text = network('method = "dhcp"\nnope = 1') + service('requires = ["eth0"]');
  const { units, leftOut } = await parse(text, { leaveOut: true });
  expect(leftOut.map(({ item }) => item)).toEqual(["g@eth0"]);
  expect(units?.services).toMatchObject([{ name: "g@s", requires: [{ service: "g@eth0" }] }]);
});

test("what is switched off is checked, and left out", async () => {
  expect(await told(tmpfs("/a", "enabled = false\nnope = 1"))).toHaveLength(1);
  const { mounts, networks, permissions } = await unitsOf(
    `${tmpfs("/a", "enabled = false")}${network("method = 'none'\nenabled = false")}[[permission]]\nname = "p"\ngroup = "x"\nenabled = false\n`,
  );
  expect([mounts, networks, permissions.map(({ name }) => name)]).toEqual([[], [], ["rind@login"]]);
});
