using System.Globalization;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Why what waits and is no delivery waits: facts that were set aside, webhooks, messages, alerts that nobody could be told of. Pure.</summary>
internal static class BacklogDiagnoser
{
    /// <summary>Role of a hub that takes facts in.</summary>
    private const string Intake = "intake";

    /// <summary>Hubs look every second; what waits for so long waits for something.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>One verdict per backlog that does not go away by itself in a moment.</summary>
    public static IEnumerable<Verdict> Explain(Situation situation) =>
        from backlog in situation.Queues
        let verdict = Find(backlog, situation)
        where verdict is not null
        select verdict with
        {
            Kind = backlog.Kind == QueuedWork.Route ? "route" : "backlog",
            Subject = backlog.Name ?? backlog.Kind,
            Since = backlog.Oldest,
            Records = backlog.Records,
            AreMore = backlog.AreMore,
            Evidence = [$"{Text(backlog)} wait, the oldest since {backlog.Oldest:u}", .. HubDiagnoser.Evidence(situation)],
        };

    private static Verdict? Find(QueuedWork backlog, Situation situation) => backlog.Kind switch
    {
        QueuedWork.Quarantine => new(
            DiagnosisCode.QuarantineWaits,
            $"{Text(backlog)} facts were set aside and change nothing until somebody has looked{(backlog.Code is { } code ? $", most with {code}" : "")}. 'quarantine list --state waiting' shows them, 'quarantine show ID' what to do about each.")
        { Action = "quarantine list --state waiting" },
        QueuedWork.Route => new(
            DiagnosisCode.RouteUnreachable,
            $"The route {backlog.Name} of alerts.yaml could not be told of {Text(backlog)} messages{(backlog.Code is { } error ? $" ({error})" : "")}; it is tried again for a day. Mend its address, its secret or its receiver; 'alerts test --route {backlog.Name}' tries it.")
        { Action = $"alerts test --route {backlog.Name}" },
        _ when backlog.Oldest > situation.At - _patience => null,
        // Facts are made of them without the broker.
        QueuedWork.Webhooks => HubDiagnoser.WhyNobodyWorks(Intake, "webhooks", situation) is { Code: DiagnosisCode.NoConsumer } nobody ? nobody : new Verdict(
            DiagnosisCode.WebhooksWait,
            $"{Text(backlog)} calls of webhooks are kept, and no facts are made of them; withdrawals may be among them. Hubs look every second: look in their logs for errors of ReceiptNormaliser.")
        { Action = "status" },
        _ => HubDiagnoser.WhyNobodyWorks(HubDiagnoser.Runs, "messages", situation) ?? new(
            DiagnosisCode.OutboxWaits,
            $"{Text(backlog)} messages are committed and have not reached the broker, though hubs are there; they are sent again and again. Look in the logs of the hubs for errors of the outbox, and at RabbitMQ for a memory or disk alarm.")
        { Action = "status" },
    };

    private static string Text(QueuedWork backlog) => string.Create(CultureInfo.InvariantCulture, $"{backlog.Records:N0}{(backlog.AreMore ? " and more" : "")}");
}
