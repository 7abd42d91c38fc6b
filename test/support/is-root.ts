/** Tests that need root are skipped where the runner is somebody else. */
export const IS_ROOT = process.getuid?.() === 0;
