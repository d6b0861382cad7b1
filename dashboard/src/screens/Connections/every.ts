/** How often connections are asked for while they are looked at. */
export const kConnectionsEveryMs = 3_000;
