/**
 * Whether all that a topic or a topic filter stands for is within an allowed filter (OASIS MQTT 3.1.1 §4.7): `a/+/c` and
 * `a/b/#` are within `a/#`, and `a/#` is not within `a/+`. Topics that begin with `$` are in no filter that begins with a
 * wildcard (§4.7.2).
 */
export function isWithin(asked: string, allowed: string): boolean {
  if (asked.startsWith('$') && /^[+#]/.test(allowed)) return false;
  const [levels, own] = [asked.split('/'), allowed.split('/')];
  for (const [index, level] of own.entries()) {
    if (level === '#') return true;
    const given = levels[index];
    if (given === undefined) return false;
    if (given === '#' || (given !== level && level !== '+')) return false;
  }
  return levels.length === own.length;
}
