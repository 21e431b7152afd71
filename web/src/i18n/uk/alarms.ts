export const alarms = {
  alarms: {
    title: 'Тривоги', open: 'Чинні', history: 'Історія', none: 'Чинних тривог немає', noneHint: 'Нові тривоги з’являться тут одразу.', noHistory: 'За цей час тривог не було', new: 'нова', acknowledge: 'Підтвердити', acknowledgeTitle: 'Підтвердження тривоги', comment: 'Коментар', commentHint: 'Що зроблено або кого повідомлено', acknowledged: 'Підтверджено', acknowledgedBy: 'Підтвердив(-ла) {{name}} {{age}} тому', notAcknowledged: 'Не підтверджено', cleared: 'Знято', raised: 'Виникла', clearedAt: 'Знято', duration: 'Тривалість', severity: 'Важливість', cause: 'Причина', device: 'Пристрій', from: 'Від', to: 'До', condition: 'Подія', what: 'Що сталося', done: 'Тривогу підтверджено',
    affected_one: 'ще {{count}} пристрій недосяжний', affected_few: 'ще {{count}} пристрої недосяжні', affected_many: 'ще {{count}} пристроїв недосяжні', affected_other: 'ще {{count}} пристрою недосяжні',
    unacknowledged_one: '{{count}} непідтверджена тривога', unacknowledged_few: '{{count}} непідтверджені тривоги', unacknowledged_many: '{{count}} непідтверджених тривог', unacknowledged_other: '{{count}} непідтвердженої тривоги'
  },
  sound: { on: 'Звук тривог увімкнено', mutedUntil: 'Без звуку до {{time}}', mute: 'Вимкнути звук', unmute: 'Увімкнути звук', for15: 'на 15 хвилин', for60: 'на годину', shift: 'до кінця зміни ({{time}})', blocked: 'Браузер не дозволяє звук: натисніть будь-де', test: 'Перевірити звук', never: 'Звук завжди повертається сам.' },
  severity: { critical: 'Критична', major: 'Важлива', minor: 'Незначна', warning: 'Попередження' },
  condition: {
    device_down: 'Пристрій не працює', stream_down: 'Немає відео', stream_degraded: 'Відео погіршено', port_down: 'Порт не працює', clock_offset: 'Годинник відхилений', agent_silent: 'Агент мовчить', authentication_failed: 'Пристрій не приймає пароль', restarted: 'Пристрій перезапустився',
    recording_stopped: 'Запис не ведеться', volume_failed: 'Несправний том записів', footage_damaged: 'Пошкоджені записи', lock_unconfirmed: 'Захист записів не підтверджено', lock_review: 'Час переглянути захист записів', index_faulty: 'Частину покажчика агента не прийнято',
    camera_event: 'Подія камери', camera_storage: 'Несправна карта пам’яті камери', camera_tamper: 'Втручання в камеру', picture_fault: 'Негодяще зображення',
    light_warning: 'Світло порту біля межі', light_alarm: 'Світло порту за межею', hardware_failed: 'Несправна частина комутатора'
  }
}
