// Starts the game in a page that has no other section of a run.
import { startGame } from './game.js';

startGame();
