/** The operations of `contract/schedules.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { ScheduleService } from './schedule-service';

export function createScheduleHandlers(schedules: ScheduleService): HandlersOf<'schedules'> {
  return {
    list: async () => schedules.list(),
    create: async (input) => schedules.create(input),
    upcoming: async ({ days, limit }) => ({ upcoming: schedules.upcoming(days, limit) }),
    run: async ({ schedule }) => schedules.run(schedule),
    pause: async ({ schedule }) => schedules.pause(schedule),
    resume: async ({ schedule }) => schedules.resume(schedule),
    remove: async ({ schedule }) => ({ removed: schedules.remove(schedule) }),
  };
}
