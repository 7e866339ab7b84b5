// Ids in paths.

/** `/shop/web` and `shop/web` → `shop/web`, each segment escaped (rest-api 1.5). */
export const idPath = (id: string): string => id.split('/').filter(Boolean).map(encodeURIComponent).join('/')
