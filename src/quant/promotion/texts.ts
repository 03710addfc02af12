/** Words that several checks of a promotion share. */
export const unavailableForecast = 'The strategy forecasts nothing.';
