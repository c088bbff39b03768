/** From here on there is room for a row of filters and for tables. */
export const isWide = 'width >= 64rem';
