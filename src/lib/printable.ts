// Text from outside made safe for a terminal.

/**
 * Control characters, which could move the cursor or rename the window, become spaces; tabs and line ends too, so that
 * what is one line stays one.
 */
export const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
