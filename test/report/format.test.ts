import { describe, expect, test } from 'vitest';
import { fixed, integer, ms, msText, percent, signedMs, slug } from '../../src/report/format.ts';

describe('numbers', () => {
  test.each([
    [ms(172.906), '172.91'],
    [ms(-0.333), '−0.33'],
    [ms(-0.001), '0.00'],
    [ms(1234.5), '1,234.50'],
    [ms(undefined), '–'],
    [ms(Number.NaN), '–'],
    [ms(Number.POSITIVE_INFINITY), '–'],
    [signedMs(1.849), '+1.85'],
    [signedMs(-0.05), '−0.05'],
    [signedMs(0.004), '0.00'],
    [msText(172.906), '172.9 ms'],
    [msText(3.906), '3.91 ms'],
    [msText(-68.66), '−68.7 ms'],
    [fixed(-1234.567, 1), '−1,234.6'],
    [integer(1_234_567), '1,234,567'],
    [integer(-3), '−3'],
    [percent(0), '0 %'],
    [percent(0.005), '0.50 %'],
    [percent(0.115), '11.5 %'],
    [percent(1), '100 %'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});

test('a slug cannot leave its folder', () => {
  expect(slug('../../etc/passwd')).toBe('etc-passwd');
  expect(slug('NB-IoT (poor)')).toBe('nb-iot-poor');
  expect(slug('…')).toBe('x');
});
