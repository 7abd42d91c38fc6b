import { expect, test } from "vitest";
import { NO_NETWORKS, netProject, otherNet, until } from "./network-rig.ts";

const WAN = `
[[network]]
name = "wan"
interface = "v0"
address = ["10.7.0.2/24", "fd07::2/64"]
gateway = "10.7.0.1"
dns = ["10.7.0.53"]
route = [{ to = "10.8.0.0/16", via = "10.7.0.9" }]
`;
const KEEP = '[[service]]\nname = "keep"\nrun = "sleep 1000"\n';
const none = (branches: readonly unknown[]) => branches.length === 0;
const some = (branches: readonly unknown[]) => branches.length > 0;

test.skipIf(NO_NETWORKS)("an interface is set up when it comes, and its states go with the carrier, the link and the device", async () => {
  const p = await netProject(WAN + KEEP);
  await p.ip("link add v0 type veth peer name v1");
  await p.ip("link set v1 up");

  expect(await p.state("net@online", some)).toEqual([{ name: "v0", gateway: "10.7.0.1" }]);
  const both = (branches: readonly unknown[]) => JSON.stringify(branches).includes("fd07::2/64");
  expect(await p.state("net@configured", both)).toEqual([{ name: "v0", address: "10.7.0.2/24", addresses: ["10.7.0.2/24", "fd07::2/64"] }]);
  expect(await p.state("net@interface", (all) => all.length === 3)).toContainEqual(
    expect.objectContaining({ name: "v0", up: true, carrier: true, operstate: "up", mac: expect.stringMatching(/^([0-9a-f]{2}:){5}..$/) }),
  );
  expect(await p.ip("route")).toContain("10.8.0.0/16 via 10.7.0.9 dev v0");
  expect(await p.ip("addr show v0")).toContain("brd 10.7.0.255");

  await p.ip("link set v1 down");
  await p.state("net@online", none);
  await p.state("net@configured", none);
  await p.ip("link set v1 up");
  await p.state("net@online", some);

  await p.ip("link del v0");
  await p.state("net@interface", (all) => all.length === 1);
  await p.state("net@online", none);
});

test.skipIf(NO_NETWORKS)("who takes an interface down and up again finds its routes there", async () => {
  const p = await netProject(WAN + KEEP);
  await p.ip("link add v0 type veth peer name v1");
  await p.ip("link set v1 up");
  await p.state("net@online", some);
  const hasRoute = async (): Promise<boolean> => (await p.ip("route")).includes("10.8.0.0/16");
  await until(hasRoute, () => "its other route was not made");

  await p.ip("link set v0 down");
  await p.state("net@online", none);
  expect(await p.ip("route")).toBe("");
  await p.ip("link set v0 up");

  expect(await p.state("net@online", some)).toEqual([{ name: "v0", gateway: "10.7.0.1" }]);
  await until(hasRoute, () => "its other route is not there");
});

test.skipIf(NO_NETWORKS)("an address that is taken away ends net@configured, and the routes that went with it net@online", async () => {
  const p = await netProject('[[network]]\nname = "v0"\naddress = "10.7.0.2/24"\ngateway = "10.7.0.1"\n' + KEEP);
  await p.ip("link add v0 type veth peer name v1");
  await p.ip("link set v1 up");
  await p.state("net@online", some);

  await p.ip("addr del 10.7.0.2/24 dev v0");

  await p.state("net@configured", none);
  await p.state("net@online", none);
});

test.skipIf(NO_NETWORKS)("lo is brought up, and a service runs while the network is there", async () => {
  const web = '[[service]]\nname = "web"\nrun = "sleep 1000"\nstart-on = ["net@online"]\n';
  const p = await netProject(`[[network]]\nname = "lo"\nmethod = "none"\n${WAN}${KEEP}${web}`);
  const phase = async (): Promise<unknown> => ((await p.json("status", "g@web")) as { phase: string }).phase;
  await p.state("net@interface", (all) => JSON.stringify(all).includes('"name":"lo","index":1,"up":true'));

  await p.ip("link add v0 type veth peer name v1");
  await p.ip("link set v1 up");
  await until(
    async () => (await phase()) === "running",
    () => "web does not run",
  );
  await p.ip("link del v0");
  await until(
    async () => (await phase()) === "exited",
    () => "web still runs",
  );
});

test.skipIf(NO_NETWORKS)("name servers are written to /etc/resolv.conf, and what was there is kept beside it", async () => {
  const p = await netProject(WAN + KEEP, { "resolv.conf": "nameserver 9.9.9.9\n" });
  await until(
    () => p.etc("resolv.conf").includes("10.7.0.53"),
    () => "they are not written",
  );
  expect(p.etc("resolv.conf")).toBe("# made by Rind: the name servers of its units\nnameserver 10.7.0.53\n");
  expect(p.etc("resolv.conf.before-rind")).toBe("nameserver 9.9.9.9\n");
});

test.skipIf(NO_NETWORKS)("what a reload takes out of the units is taken back", async () => {
  const p = await netProject(WAN + KEEP);
  await p.ip("link add v0 type veth peer name v1");
  await p.ip("link set v1 up");
  await p.state("net@online", some);

  p.write("flows/g.toml", `[[network]]\nname = "wan"\ninterface = "v0"\naddress = "10.7.0.3/24"\n${KEEP}`);
  expect(await p.rind("reload")).toMatchObject({ code: 0 });
  expect(await p.state("net@configured", (all) => JSON.stringify(all).includes('["10.7.0.3/24"]'))).toHaveLength(1);
  await p.state("net@online", none);

  p.write("flows/g.toml", KEEP);
  expect(await p.rind("reload")).toMatchObject({ code: 0 });
  expect(await p.ip("addr show v0")).not.toContain("10.7.0.3");
  expect(await p.rind("get", "net@online")).toMatchObject({ code: 66 });
});

test.skipIf(NO_NETWORKS)("what cannot be set up is told in rind@degraded until it can", async () => {
  const p = await netProject(
    '[[network]]\nname = "v0"\naddress = "10.7.0.2/24"\nroute = [{ to = "10.8.0.0/16", via = "10.99.0.1" }]\n' + KEEP,
  );
  await p.ip("link add v0 type veth peer name v1");
  await p.ip("link set v1 up");

  expect(await p.state("rind@degraded", some)).toEqual([
    { item: "g@v0", message: expect.stringMatching(/^v0 is not as it should be: ip route replace 10.8.0.0\/16 via 10.99.0.1 dev v0: /) },
  ]);
  expect(await p.state("net@configured", some)).toHaveLength(1);

  await p.ip("addr add 10.99.0.2/24 dev v0");
  await p.ip("link set v0 down");
  await p.ip("link set v0 up");
  await p.state("rind@degraded", none);
});

test.skipIf(NO_NETWORKS)("where a network is declared its states are the kernel's, and nobody else's", async () => {
  const p = await netProject(WAN + KEEP);
  expect(await p.rind("set", "net@online", "name=x")).toMatchObject({ code: 77, err: "rind: net@online is kept by Rind itself\n" });
  await p.state("net@interface", some);
  expect((await p.rind("list")).out).toMatch(/net@interface +built in /);
  expect((await p.rind("why", "net@interface")).out).toContain("kept by Rind");
});

test.skipIf(NO_NETWORKS)(
  "dhcp: the host's client runs as a service, gets an address, and stops with the link",
  async () => {
    const p = await netProject(`[[network]]\nname = "wan"\ninterface = "v0"\nmethod = "dhcp"\n${KEEP}`, {
      "resolv.conf": "nameserver 9.9.9.9\n",
    });
    const server = await otherNet();
    const conf =
      "start 10.9.0.20\nend 10.9.0.20\ninterface v1\noption subnet 255.255.255.0\noption router 10.9.0.1\noption dns 10.9.0.53\nlease_file leases\npidfile udhcpd.pid\n";
    p.write("udhcpd.conf", conf);
    p.write("leases", "");
    const status = async () => (await p.json("status", "g@wan")) as { phase: string; pid: number | null };
    expect(await status()).toMatchObject({ phase: "inactive" });

    await p.ip(`link add v0 type veth peer name v1 netns ${server.pid}`);
    await server.ip("addr add 10.9.0.1/24 dev v1");
    await server.ip("link set v1 up");
    server.start("busybox", ["udhcpd", "-f", "udhcpd.conf"], p.folder);

    expect(await p.state("net@online", some)).toEqual([{ name: "v0", gateway: "10.9.0.1" }]);
    expect(await p.state("net@configured", some)).toEqual([{ name: "v0", address: "10.9.0.20/24", addresses: ["10.9.0.20/24"] }]);
    await until(
      () => p.etc("resolv.conf").includes("10.9.0.53"),
      () => "its name server is not written",
    );
    expect(p.etc("resolv.conf.before-rind")).toBe("nameserver 9.9.9.9\n");
    expect(await status()).toMatchObject({ phase: "running" });
    expect((await p.rind("logs", "g@wan")).out).toContain("v0 has 10.9.0.20/24");

    await p.ip("link del v0");
    await until(
      async () => (await status()).phase === "exited",
      () => "the client still runs",
    );
    await p.state("net@online", none);
  },
  120_000,
);
