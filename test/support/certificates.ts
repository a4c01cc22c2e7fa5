// Certificates for a test, made by openssl: an authority, and whatever it signs.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type TempFolder, tempFolder } from "./temp.ts";

export interface Certificates extends Disposable {
  /** Path of the authority's certificate. */
  readonly ca: string;
  /** Makes a certificate for these names (`DNS:localhost,IP:127.0.0.1`). @param days negative: it has expired */
  issue(name: string, names: string, days?: number): Promise<{ cert: string; key: string }>;
}

export async function makeCertificates(): Promise<Certificates> {
  const folder = tempFolder("tcs-certificates-");
  const ca = join(folder.path, "ca.pem");
  const caKey = join(folder.path, "ca.key");
  await openssl(folder, [
    "req",
    "-x509",
    ...NEW_KEY,
    "-keyout",
    caKey,
    "-out",
    ca,
    "-days",
    "2",
    "-subj",
    "/CN=test ca",
  ]);
  return {
    ca,
    async issue(name, names, days = 1) {
      const path = (kind: string) => join(folder.path, `${name}.${kind}`);
      const [cert, key, request] = [path("pem"), path("key"), path("csr")];
      const extensions = await folder.write(`${name}.ext`, `subjectAltName=${names}`);
      await openssl(folder, ["req", ...NEW_KEY, "-keyout", key, "-out", request, "-subj", `/CN=${name}`]);
      const signer = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-extfile", extensions];
      await openssl(folder, ["x509", "-req", "-in", request, "-out", cert, "-days", String(days), ...signer]);
      chmodSync(key, 0o600);
      return { cert, key };
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function openssl(folder: TempFolder, args: string[]): Promise<void> {
  const child = Bun.spawn(["openssl", ...args], { cwd: folder.path, stdio: ["ignore", "ignore", "pipe"] });
  const [code, why] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  if (code !== 0) throw new Error(`openssl ${args[0]}: exit code ${code}: ${why}`);
}
