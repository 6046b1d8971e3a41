import { relay, relayRepaired } from './relay.ts';
import { translate } from './translation.ts';
import type { Crossing, MeteredPassage } from './crossing.ts';

/** The passage of a streamed reply: relayed where the dialects are one, else translated. */
export function passStream(crossing: Crossing): MeteredPassage {
  if (crossing.client.dialect !== crossing.target.dialect) return translate(crossing);
  return crossing.repair === undefined ? relay(crossing) : relayRepaired(crossing);
}
