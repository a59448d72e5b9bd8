// Starts the script of each section that the page has.
import { startCurves } from './curves.js';
import { startExplorer } from './explorer-start.js';
import { startGame } from './game.js';
import { startSamples } from './samples.js';

startSamples();
startCurves();
startGame();
// Decoding the weights may take a moment: the page is shown first.
setTimeout(startExplorer, 0);
