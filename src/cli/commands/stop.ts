// tcs stop: see order-command.ts.
import { orderCommand } from "../order-command.ts";

export default orderCommand("stop");
