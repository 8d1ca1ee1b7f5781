using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>
/// Takes messages in by their body alone whose headers the client library cannot read: while one stands at the head of a queue the broker sends it again and again, the connection is lost over it
/// each time, and no fact comes in. All others stay where they stand.
/// </summary>
internal sealed partial class UnreadableMessages(FactIntake intake, BrokerTls tls, ILogger logger)
{
    /// <summary>Looks through what the broker may have sent ahead.</summary>
    /// <param name="broker">Address of the broker.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many were taken in.</returns>
    public async Task<int> TakeInAsync(Uri broker, CancellationToken cancellationToken)
    {
        var taken = 0;
        foreach (var queue in FactQueue.All)
        {
            await using var bare = await BareQueue.OpenAsync(broker, tls, queue.Name, cancellationToken);
            for (var looked = 0; looked < queue.Prefetch * queue.Lanes && await bare.GetAsync(cancellationToken) is { } message; looked++)
            {
                if (!message.HasReadableHeaders)
                {
                    await intake.TakeInAsync([message.Body], cancellationToken);
                    await bare.AcknowledgeAsync(message, cancellationToken);
                    LogTakenIn(queue.Name);
                    taken++;
                }
            }
        }

        return taken;
    }

    [LoggerMessage(3011, LogLevel.Warning, "A message of {Name} has headers that the client cannot read; it was taken in by its body alone. Its producer should send fewer and plainer headers: decimals of at most 28 places, nothing nested")]
    private partial void LogTakenIn(string name);
}
