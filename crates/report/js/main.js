// Starts the script of each section that the page has.
import { startCurves } from './curves.js';
import { startSamples } from './samples.js';

startCurves();
startSamples();
