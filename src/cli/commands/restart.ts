// tcs restart: see order-command.ts.
import { orderCommand } from "../order-command.ts";

export default orderCommand("restart");
