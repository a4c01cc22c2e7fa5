// tcs start: see order-command.ts.
import { orderCommand } from "../order-command.ts";

export default orderCommand("start");
