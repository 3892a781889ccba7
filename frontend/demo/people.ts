/** The people `demo seed` makes. */

export const DEMO_USERS = [
  { username: 'alice_dev', name: 'Alice Dev', role: 'Full-stack developer' },
  { username: 'bob_designer', name: 'Bob Designer', role: 'Product designer' },
  { username: 'charlie_writer', name: 'Charlie Writer', role: 'Technical writer' },
  { username: 'diana_marketer', name: 'Diana Marketer', role: 'Growth marketer' },
];
