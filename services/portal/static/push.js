/* "Tell me on this phone". In [data-push="key of the node"] a form with endpoint, public and shared, shown where a phone can
   do it; [data-push-failed] is shown when it does not. */
(() => {
  'use strict';
  const part = document.querySelector('[data-push]'), workers = navigator.serviceWorker;
  if (!part || !workers || !('PushManager' in self) || !('Notification' in self)) return;
  const form = part.querySelector('form'), failed = part.querySelector('[data-push-failed]');
  const how = { userVisibleOnly: true, applicationServerKey: part.dataset.push };

  /* One from another node, or from before its key was lost, gives way. */
  const subscribed = (way) => way.subscribe(how).catch(async (refused) => {
    const old = await way.getSubscription();
    if (!old) throw refused;
    await old.unsubscribe();
    return way.subscribe(how);
  });

  const add = async () => {
    if (await Notification.requestPermission() !== 'granted') throw new Error('not allowed');
    await workers.register('/sw.js', { updateViaCache: 'none' });
    const { endpoint, keys } = (await subscribed((await workers.ready).pushManager)).toJSON();
    Object.assign(form.elements.endpoint, { value: endpoint });
    Object.assign(form.elements.public, { value: keys.p256dh });
    Object.assign(form.elements.shared, { value: keys.auth });
    form.submit();
  };

  part.hidden = false;
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    failed.hidden = true;
    add().catch(() => { failed.hidden = false; });
  });
})();
