declare global {
	namespace App {
		interface Error {
			message: string;
			/** Trying again may help. */
			retry?: boolean;
			/** Signing in may help. */
			loginNeeded?: boolean;
			/** What support needs to find the request in the log. */
			requestId?: string;
		}
	}
}

export {};
