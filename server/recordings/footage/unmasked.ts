import { ServiceProblem } from '../../problems.js'

/** An agent of an older version knows no masks: then nobody who must not see behind them sees anything. */
export const unmasked = () => new ServiceProblem('unavailable', 'cannot_mask', 'The agent cannot hide what is masked for you: it must be upgraded.')
