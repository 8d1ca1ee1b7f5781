using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    /// <summary>More calls than any operation makes for three records.</summary>
    private const int ManyCalls = 20;

    /// <summary>Loses the answer of the first call, then in a new trial that of the second one, and so on through the whole operation.</summary>
    [Test]
    public Task Should_do_once_what_was_applied_without_an_answer([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var connected = Connect();
        await DeliverUntilSettledAsync(connected, (await PrepareAsync(connected, operation, 1)).Batch);
        var ambiguous = 0;
        for (var lost = 1; lost < ManyCalls; lost++)
        {
            var trial = await PrepareAsync(connected, operation, 3);
            _transport.Clear();
            _transport.Sending = (_, call) =>
            {
                if (call == lost)
                {
                    Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Calls = 1 });
                }
            };
            var struck = await DeliverAsync(connected, trial.Batch);
            var calls = _transport.Calls;
            _transport.Sending = null;
            Room.Faults.Clear();
            AssertMayGoOn(operation, struck.Values);
            ambiguous += struck.Values.Count(outcome => outcome.Outcome == Outcome.Ambiguous);
            await SeeDoneAsync(trial, trial.Items.Where(item => struck[item.RecordId].Outcome is Outcome.Delivered or Outcome.Unchanged));
            await GoOnAsync(connected, trial, struck);
            if (calls < lost)
            {
                Assert.That(ambiguous > 0, Is.EqualTo(!Descriptor.Operations[operation].RepeatIsHarmless), "Ambiguous exactly where a repeat would do harm.");
                return;
            }
        }

        Assert.Fail($"More than {ManyCalls} calls for three records.");
    });
}
