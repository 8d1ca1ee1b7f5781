using MassTransit;

namespace IntegrationHub.BridgeProcess;

/// <summary>An instance of the order saga.</summary>
public sealed class OrderState : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = null!;

    public string? Name { get; set; }

    public int Touches { get; set; }

    public bool Expired { get; set; }

    /// <summary>Set while a timeout is scheduled.</summary>
    public Guid? ExpiryTokenId { get; set; }

    public uint Version { get; set; }
}
