export const kUsersPattern = '/apps/:key/users';
export const kUserPattern = '/apps/:key/users/:id';
