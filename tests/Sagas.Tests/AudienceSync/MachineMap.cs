using IntegrationHub.Sagas.AudienceSync;
using Microsoft.Extensions.Options;

namespace Sagas.Tests.AudienceSync;

/// <summary>The edges of the machine, read out of the machine itself.</summary>
internal static class MachineMap
{
    private static readonly MachineReading<AudienceSyncState> _reading = new(new AudienceSyncStateMachine(TimeProvider.System, Options.Create(new AudienceSyncOptions())));

    public static IReadOnlyCollection<Edge> Edges => _reading.Edges;

    /// <inheritdoc cref="MachineReading{TState}.Messages" />
    public static IReadOnlyCollection<string> Messages => _reading.Messages;

    /// <inheritdoc cref="MachineReading{TState}.States" />
    public static IReadOnlyCollection<string> States => _reading.States;

    /// <inheritdoc cref="MachineReading{TState}.Ignored" />
    public static IReadOnlyCollection<(string State, string Message)> Ignored => _reading.Ignored;

    /// <inheritdoc cref="MachineReading{TState}.AnsweredIn" />
    public static IReadOnlyCollection<string> AnsweredIn(string state) => _reading.AnsweredIn(state);
}
