/** Changes of agents whose errors a form shows itself. */
import { api, call, ifMatch } from '#lib/api/client.ts';
import { keys } from '#lib/api/keys.ts';
import { queryClient } from '#lib/api/query-client.ts';
import type { Agent, Body } from '#lib/api/types.ts';

export async function changeAgent(
	{ id, version }: Pick<Agent, 'id' | 'version'>,
	patch: Body<'/api/v1/agents/{id}', 'patch'>
): Promise<Agent> {
	try {
		return await call(
			api.PATCH('/api/v1/agents/{id}', {
				params: { path: { id }, ...ifMatch(version) },
				body: patch
			})
		);
	} finally {
		void queryClient.invalidateQueries({ queryKey: keys.people });
		void queryClient.invalidateQueries({ queryKey: keys.dashboards });
	}
}
