/** Ukrainian is the first language: its keys are the type that the others must meet. */
export const common = {
  app: { name: 'Каланча', tagline: 'Ситуаційний центр громади' },
  nav: { wall: 'Стіна', playback: 'Записи', alarms: 'Тривоги', devices: 'Пристрої', network: 'Мережа', admin: 'Керування', account: 'Обліковий запис', more: 'Ще', main: 'Головна навігація', skip: 'До вмісту' },
  action: {
    save: 'Зберегти', saveAs: 'Зберегти як…', cancel: 'Скасувати', delete: 'Видалити', close: 'Закрити', retry: 'Спробувати ще раз', back: 'Назад', open: 'Відкрити',
    rename: 'Перейменувати', confirm: 'Підтвердити', search: 'Пошук', clear: 'Очистити', reload: 'Оновити сторінку', copy: 'Копіювати', copied: 'Скопійовано', more: 'Показати ще', edit: 'Змінити', add: 'Додати'
  },
  common: {
    loading: 'Завантаження…', none: 'немає', unknown: 'невідомо', yes: 'так', no: 'ні', all: 'Усі', name: 'Назва', site: 'Об’єкт', group: 'Група камер', kind: 'Вид', state: 'Стан', address: 'Адреса',
    nothingFound: 'Нічого не знайдено',
    since: 'Триває', note: 'Примітка', optional: 'необов’язково', total: 'Усього: {{count}}', notFound: 'Сторінку не знайдено', notFoundHint: 'Перевірте адресу або перейдіть на стіну.',
    forbidden: 'Немає дозволу на цю сторінку', forbiddenHint: 'Зверніться до адміністратора, якщо вона потрібна вам для роботи.'
  },
  connection: {
    online: 'На зв’язку', connecting: 'З’єднання…', reconnecting: 'Зв’язок втрачено {{age}} тому', offline: 'Немає мережі', signedOut: 'Сеанс завершено',
    label: 'Зв’язок із сервером', offset: 'Годинник цього комп’ютера відхилений на {{offset}}', stale: 'Дані на екрані можуть бути застарілими',
    newVersion: 'Сервер оновлено', newVersionHint: 'Оновіть сторінку, щоб працювати з новою версією.'
  },
  language: { label: 'Мова', uk: 'Українська', en: 'English' },
  time: { now: 'щойно', seconds: '{{count}} с', minutes: '{{count}} хв', hours: '{{count}} год', days: '{{count}} дн', ago: '{{age}} тому', zone: 'Час: {{zone}}' },
  kind: { camera: 'Камера', switch: 'Комутатор', host: 'Вузол', agent: 'Агент' },
  kinds: { camera: 'Камери', switch: 'Комутатори', host: 'Вузли' },
  state: { up: 'Працює', degraded: 'Погіршено', down: 'Не працює', unreachable: 'Недосяжний', unknown: 'Невідомо', disabled: 'Вимкнено' },
  stateMark: { up: '', degraded: '~', down: '×', unreachable: '/', unknown: '?', disabled: '–' },
  failure: {
    address_unresolved: 'Адресу не знайдено в DNS', connection_refused: 'У з’єднанні відмовлено', connection_timeout: 'Не відповідає на з’єднання', network_unreachable: 'Мережа недосяжна',
    connection_reset: 'З’єднання обірвано', authentication_failed: 'Неправильний логін або пароль пристрою', timeout: 'Немає відповіді вчасно', answered_too_slowly: 'Відповідає надто повільно',
    answer_too_large: 'Відповідь завелика', protocol_error: 'Помилка протоколу', wrong_identity: 'Відповідає інший пристрій', tls_failed: 'Помилка TLS або сертифіката', no_stream: 'Немає відеопотоку',
    no_parameter_sets: 'Потік без параметрів кодека', stream_stalled: 'Відео зупинилося', unsupported_codec: 'Кодек не підтримується', http_status: 'Пристрій повернув помилку HTTP',
    transcoder_busy: 'Немає вільного перекодувальника', not_permitted: 'Немає дозволу', agent_silent: 'Агент мовчить', process_died: 'Процес агента впав', internal: 'Внутрішня помилка',
    no_agent: 'Жоден агент його не опитує', agent_revoked: 'Його агента відкликано', low_frame_rate: 'Замало кадрів за секунду', long_key_frame_interval: 'Зарідко ключові кадри', clock_offset: 'Годинник відхилений', parent_down: 'Не працює пристрій перед ним', port_down: 'Порт без зв’язку', restarted: 'Перезапустився',
    rx_light_low: 'Приймає замало світла', rx_light_high: 'Приймає забагато світла', tx_light_low: 'Лазер світить слабко', tx_light_high: 'Лазер світить засильно', fan_failed: 'Вентилятор несправний', power_supply_failed: 'Блок живлення несправний', sensor_failed: 'Датчик повідомляє про несправність',
    recording_stopped: 'Запис не ведеться', volume_failed: 'Том записів несправний', footage_damaged: 'Файли записів змінено або втрачено', lock_unconfirmed: 'Агент не підтвердив захист', lock_review: 'Настав час перегляду', index_faulty: 'Рядки покажчика записів не вдалося прийняти',
    camera_event: 'Повідомила камера', camera_storage: 'Камера повідомляє про збій своєї пам’яті', picture_black: 'Зображення чорне', picture_overexposed: 'Зображення засвічене', picture_frozen: 'Зображення не рухається', picture_covered: 'Об’єктив закрито', picture_blurred: 'Зображення нерізке', picture_moved: 'Камеру повернуто', picture_noise: 'Шум у зображенні', picture_colour_loss: 'Зникли кольори', camera_tamper: 'Камера повідомляє про втручання або зміну сцени'
  },
  error: {
    title: 'Не вдалося', network: 'Сервер не відповідає. Перевірте мережу.', timeout: 'Сервер не відповів вчасно.', unauthenticated: 'Сеанс завершено. Увійдіть знову.', forbidden: 'Немає дозволу на цю дію.',
    not_found: 'Цього вже немає.', conflict: 'Хтось уже змінив це, або така назва вже є.', gone: 'Термін дії минув або посилання вже використано.', invalid: 'Перевірте введене.',
    too_many: 'Забагато спроб. Зачекайте і спробуйте знову.', too_large: 'Завеликий обсяг даних.', unavailable: 'Зараз недоступно. Спробуйте пізніше.', internal: 'Помилка сервера. Її записано в журнал.',
    details: 'Подробиці'
  },
  empty: { title: 'Тут порожньо', filtered: 'За цими умовами нічого не знайдено', clearFilters: 'Скинути фільтри' },
  table: { sortBy: 'Сортувати за: {{column}}', rows_one: '{{count}} рядок', rows_few: '{{count}} рядки', rows_many: '{{count}} рядків', rows_other: '{{count}} рядка' }
}
