/** The engine: back office and SM-DP+ of one workspace. */
import { runEngine } from './engine/program.ts';

runEngine();
