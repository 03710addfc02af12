/** Calculation kind `universe.membership`: who was in the index on which day. */
import { z } from 'zod';
import { isoDayNumber } from '#quant/calendar/iso-day';
import { membersOn, readMembership } from '#quant/prices/membership';
import { sha256Hex } from '#quant/prices/sha256';
import { calcKind } from '../kind';
import { requireInput } from '../tables';

const membership = calcKind({
  id: 'universe.membership',
  summary: 'Point-in-time index members on given dates',
  recipe:
    'Member on date d iff start_date <= d and (end_date empty or end_date > d). Lists in ASCII order; sha256 of the tickers joined with \\n. ' +
    'survivors_first_to_last: members on both the first and the last date.',
  inputs: { intervals: 'CSV ticker,start_date,end_date; an empty end means a current member' },
  params: z.strictObject({
    dates: z.array(z.iso.date()).min(1).meta({ title: 'Dates' }),
  }),
  run: (inputs, { dates }) => {
    const file = requireInput(inputs, 'intervals');
    const intervals = readMembership(file.bytes, file.name);
    const lists = dates.map((date) => membersOn(intervals, isoDayNumber(date)));
    const last = new Set(lists[lists.length - 1]);
    return {
      members: Object.fromEntries(
        dates.map((date, i) => [
          date,
          {
            count: lists[i].length,
            first10: lists[i].slice(0, 10),
            last10: lists[i].slice(-10),
            sha256_of_newline_joined: sha256Hex(new TextEncoder().encode(lists[i].join('\n'))),
          },
        ]),
      ),
      survivors_first_to_last: lists[0].filter((ticker) => last.has(ticker)).length,
    };
  },
});

export const kinds = [membership];
