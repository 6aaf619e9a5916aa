// Keeps the offline page of /v/ and what it checks with. It sees nothing but requests of that page, stores nothing about
// anybody, and asks the network first: what is kept is for when there is none.
const KEPT = "check-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const bring = async () => {
    const cache = await caches.open(KEPT);
    const wanted = event.data.keep.map((address) => new URL(address, self.location).href);
    // Without cookies: the page is kept as a stranger sees it.
    await Promise.all(
      wanted.map(async (address) => {
        const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
        if (answer.ok) await cache.put(address, answer);
      }),
    );
    for (const old of await cache.keys()) if (!wanted.includes(old.url)) await cache.delete(old);
    event.ports[0].postMessage("kept");
  };
  event.waitUntil(bring().catch(() => {}));
});

async function answer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const cache = await caches.open(KEPT);
    const kept = await cache.match(request.url.split("#")[0], { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});
