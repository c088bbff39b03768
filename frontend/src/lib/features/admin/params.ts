/** Parameters of the address that open something beside any admin page. */
export const TICKET = 'open';
export const CUSTOMER = 'person';
